import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ask, eventsOf, textOf } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';
import { startUpstream, type Reply, type Upstream } from '../upstream/upstream.ts';

const MB = 1_000_000;

let upstream: Upstream;
let server: TestServer;
let sockets: Socket[] = [];

afterEach(async () => {
	for (const socket of sockets) socket.destroy();
	sockets = [];
	await server.remove();
	await upstream.stop();
});

// how much memory another process has is not to be had elsewhere without a program
const onLinux = test.skipIf(!existsSync('/proc/self/status'));

onLinux(
	'readers that do not read cost no more than what is on its way, and keep nobody waiting',
	async () => {
		const text = Array.from({ length: 3000 }, (_, index) => `${index} `.padEnd(5000, 'x'));
		await serve({ steps: [{ text }] });
		let alone = 0; // what answers of that size cost by themselves
		for (let round = 0; round < 3; round++) {
			await readAnswer();
			alone = Math.max(alone, memory());
		}

		expect(await readAnswer((runId) => stall(runId, 40))).toBe(text.join(''));
		// it would be 40 times these 15 MB, less what the system's buffers hold
		expect(memory() - alone).toBeLessThan(200 * MB);
	},
	120_000
);

onLinux(
	'a thousand readers of a silent run cost little each',
	async () => {
		await serve({ steps: [{ text: ['Hi', ' there'] }], fault: { type: 'hang', after: 1 } });
		const silent = await ask(server.url, { text: 'hi' });
		const runId = silent.headers.get('x-run-id') ?? '';
		await stall(runId, 1000);
		const before = memory();
		await stall(runId, 1000);
		expect((memory() - before) / 1000).toBeLessThan(100_000);
		await silent.body?.cancel();
	},
	120_000
);

async function serve(reply: Reply): Promise<void> {
	upstream = await startUpstream({ reply });
	server = await startServer({ OPENAI_BASE_URL: upstream.url });
}

/** Asks, and reads the answer to its end; `onstart` hears of the run when it has begun. */
async function readAnswer(onstart?: (runId: string) => Promise<void>): Promise<string> {
	let text = '';
	for await (const event of eventsOf(await ask(server.url, { text: 'hi' }))) {
		if (event.type === 'run-start') await onstart?.(event.runId);
		text += textOf([event]);
	}
	return text;
}

/** Opens connections that follow the run, each read no further than the head of the answer. */
async function stall(runId: string, count: number): Promise<void> {
	const { hostname, port, host } = new URL(server.url);
	const opened = Array.from({ length: count }, async () => {
		const socket = connect(Number(port), hostname);
		sockets.push(socket);
		socket.write(`GET /api/runs/${runId}/events HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
		await once(socket, 'readable');
	});
	await Promise.all(opened);
}

/** The resident memory of the server, in bytes. */
function memory(): number {
	const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
	return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
}
