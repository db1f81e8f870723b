import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { follow, textOf } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';

let server: TestServer;
let upstream: Upstream;

afterEach(async () => {
	await server.remove();
	await upstream.stop();
});

test('a client that takes nothing is let go, can come again, and has held up nobody', async () => {
	const text = Array.from({ length: 1500 }, () => 'x'.repeat(5000));
	upstream = await startUpstream({ reply: { steps: [{ text }] } });
	server = await startServer({ OPENAI_BASE_URL: upstream.url, STALL_TIMEOUT_MS: '1000' });
	const { hostname, port } = new URL(server.url);
	const body = '{"text":"a lot"}';

	let read = '';
	const socket = connect(Number(port), hostname, () => {
		socket.write(
			`POST /api/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
				`Content-Length: ${body.length}\r\n\r\n${body}`
		);
	});
	const cut = new Promise((resolve) => socket.on('close', resolve));
	socket.on('error', () => undefined);
	socket.on('data', (chunk: Buffer) => (read += chunk.toString()));
	while (!read.includes('"run-start"')) await once(socket, 'data');
	socket.pause(); // from here on it takes nothing

	const [, runId = ''] = /x-run-id: (\S+)/.exec(read) ?? [];
	const events = await follow(server.url, runId);
	expect(events.at(-1)).toMatchObject({ type: 'run-end', reason: 'done' });
	expect(textOf(events)).toBe(text.join(''));

	await new Promise((resolve) => setTimeout(resolve, 2500));
	socket.resume();
	await cut;
	expect(read).not.toContain('"run-end"');
	const last = Math.max(...[...read.matchAll(/id: \S+:(\d+)/g)].map(([, seq]) => Number(seq)), 1);
	expect(await follow(server.url, runId, last)).toEqual(events.slice(last));
});
