import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Numbered } from '#lib/protocol/events.ts';
import { Listeners } from '#lib/server/http/listeners.ts';
import { Sockets } from './sockets.ts';
import type { TalkRuns } from './talk.ts';

const ends: (() => void)[] = [];
afterEach(() => {
	for (const end of ends.splice(0)) end();
});

test('a socket that does not read is paused at the log, and reads all of it later', async () => {
	const batches = 600; // of about 64 kB: more than the kernel takes on both sides
	let pulled = 0;
	const stopped = Promise.withResolvers<undefined>();
	const url = await serve({
		...nobody,
		start: () => Promise.resolve({ runId: 'r1', repeated: false }),
		stop: () => {
			stopped.resolve(undefined);
			return Promise.resolve();
		},
		follow: async function* () {
			for (let seq = 1; pulled < batches; seq++) {
				pulled++;
				yield await Promise.resolve([
					{ type: 'text-delta', partId: '1', delta: 'x'.repeat(64_000), seq }
				] satisfies Numbered[]);
			}
		}
	});
	const socket = new WebSocket(url);
	await once(socket, 'open');
	const indexes: number[] = [];
	socket.on('message', (data: Buffer) => {
		const { StreamingToken } = JSON.parse(data.toString()) as {
			StreamingToken: { index: number; content: string };
		};
		indexes.push(StreamingToken.index);
	});
	socket.pause();
	socket.send('{"message":"hi"}');

	let last = -1;
	while (last !== pulled || pulled === 0) {
		last = pulled;
		await sleep(500);
	}
	expect(pulled).toBeLessThan(batches / 2);

	// what it would not read either is not queued for it
	let pongs = 0;
	socket.on('pong', () => pongs++);
	for (let count = 0; count < 10; count++) socket.ping();
	socket.send('{"stop":true}');
	await stopped.promise; // so the pings before it were heard as well
	socket.resume();
	while (indexes.length < batches) await once(socket, 'message');
	socket.ping();
	await once(socket, 'pong');
	expect(pongs).toBe(1);
	expect(indexes).toEqual(Array.from({ length: batches }, (_, index) => index));
});

test('a socket that answers no ping is let go, one that does is kept', async () => {
	const url = await serve(nobody, 100);
	const [deaf, well] = [new WebSocket(url, { autoPong: false }), new WebSocket(url)];
	await once(deaf, 'close');
	expect(well.readyState).toBe(WebSocket.OPEN);
});

test('a run goes on when its socket closes; only the following ends', async () => {
	const left = Promise.withResolvers<boolean>();
	let stopped = false;
	const url = await serve({
		...nobody,
		start: () => Promise.resolve({ runId: 'r1', repeated: false }),
		stop: () => {
			stopped = true;
			return Promise.resolve();
		},
		follow: async function* (_runId, _after, signal) {
			try {
				yield [{ type: 'text-delta', partId: '1', delta: 'x', seq: 1 }] satisfies Numbered[];
				await once(signal, 'abort');
			} finally {
				left.resolve(signal.aborted);
			}
		}
	});
	const socket = new WebSocket(url);
	await once(socket, 'open');
	socket.send('{"message":"hi"}');
	await once(socket, 'message');
	socket.close();
	expect(await left.promise).toBe(true);
	expect(stopped).toBe(false);
});

/** Runs that nothing happens in. */
const nobody: TalkRuns = {
	cast: { agents: ['assistant'], models: ['demo'], demo: true },
	start: () => Promise.resolve({ refused: 'shutting-down' }),
	find: () => Promise.resolve(undefined),
	stop: () => Promise.resolve(),
	setbacks: () => Promise.resolve([]),
	follow: async function* () {
		// says nothing
	}
};

async function serve(runs: TalkRuns, pingMs?: number): Promise<string> {
	const sockets = new Sockets({
		runs,
		listeners: new Listeners({ each: 10, all: 10 }),
		gate: { ORIGIN: undefined, ALLOWED_ORIGINS: [], ALLOWED_HOSTS: [] },
		identify: () => Promise.resolve({ owner: 'local' }),
		pingMs
	});
	const server = createServer();
	server.on('upgrade', (request, socket, head) => void sockets.upgrade(request, socket, head));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	ends.push(() => {
		sockets.close();
		server.close();
	});
	return `ws://127.0.0.1:${String((server.address() as AddressInfo).port)}/api/ws`;
}
