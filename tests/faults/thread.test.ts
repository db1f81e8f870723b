import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Numbered } from '#lib/protocol/events.ts';
import { ask, eventsOf, follow } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';

let server: TestServer;

beforeEach(async () => {
	// its threads are killed from outside, by a debugger
	server = await startServer({ NODE_OPTIONS: '--inspect=127.0.0.1:0' });
});
afterEach(() => server.remove());

const endings: [name: string, program: string][] = [
	['an exception', 'setImmediate(() => { throw new Error("a cosmic ray") })'],
	['an end', 'setImmediate(() => process.exit(0))']
];

test.for(endings)(
	'when the thread that writes dies of %s, the server says so, ends, and nothing seen is lost',
	{ timeout: 60_000 },
	async ([, program]) => {
		const seen: Numbered[] = [];
		for await (const event of eventsOf(await ask(server.url, { text: 'write 150 words' }))) {
			seen.push(event);
			if (seen.length === 5) await evaluate('store writer', program);
		}
		await gone();
		expect(server.printed()).toContain('The server ends, because its database can no longer');
		expect(seen.at(-1)?.type).not.toBe('run-end');

		await server.restart();
		const runId = seen[0]?.type === 'run-start' ? seen[0].runId : '';
		const log = await follow(server.url, runId);
		expect(log.slice(0, seen.length)).toEqual(seen);
		expect(log.at(-1)).toMatchObject({ type: 'run-error', code: 'interrupted' });
	}
);

test.for(endings)(
	'when the thread that reads dies of %s, only what it was at fails, and runs go on',
	{ timeout: 60_000 },
	async ([, program]) => {
		const seen: Numbered[] = [];
		for await (const event of eventsOf(await ask(server.url, { text: 'write 150 words' }))) {
			seen.push(event);
			if (seen.length === 5) await evaluate('store reader', program);
		}
		expect(seen.at(-1)).toMatchObject({ type: 'run-end', reason: 'done' });
		await vi.waitFor(() => {
			expect(server.printed()).toContain('The thread of the store reader died');
		}, 20_000);

		const runId = seen[0]?.type === 'run-start' ? seen[0].runId : '';
		expect(await follow(server.url, runId)).toEqual(seen);
		expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
	}
);

/** Runs a program in a thread of the server. */
async function evaluate(thread: string, expression: string): Promise<void> {
	const [address = ''] = /ws:\/\/127\S+/.exec(server.printed()) ?? [];
	const debug = new WebSocket(address);
	const said = Promise.withResolvers<undefined>();
	debug.onopen = () => {
		post('NodeWorker.enable', { waitForDebuggerOnStart: false });
	};
	debug.onmessage = ({ data }) => {
		const { method, params } = JSON.parse(String(data)) as Notice;
		if (method === 'NodeWorker.receivedMessageFromWorker') said.resolve(undefined);
		if (method !== 'NodeWorker.attachedToWorker' || !params.workerInfo?.title.includes(thread))
			return;
		const message = { id: 1, method: 'Runtime.evaluate', params: { expression } };
		post('NodeWorker.sendMessageToWorker', {
			sessionId: params.sessionId,
			message: JSON.stringify(message)
		});
	};
	await said.promise;
	debug.close();

	function post(method: string, params: object): void {
		debug.send(JSON.stringify({ id: 1, method, params }));
	}
}

interface Notice {
	method?: string;
	params: { sessionId?: string; workerInfo?: { title: string } };
}

/** Resolves when the server's process has ended by itself. */
async function gone(): Promise<void> {
	const { pid } = server;
	for (;;) {
		try {
			process.kill(pid, 0);
		} catch {
			return;
		}
		await sleep(50);
	}
}
