import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { WIRES } from '#lib/wire/wires.ts';
import { startServer, type TestServer } from '../server.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';

const SECRET = 'q8Jm2vYtR0xK7nWc4hLp9sDf3gZb6aUe';
/** For so long a token is good beyond its `exp`, in seconds. */
const TOLERANCE = 30;
const LATEST_MS = 5000;

let upstream: Upstream;
let server: TestServer;

beforeAll(async () => {
	const long = Array.from({ length: 1500 }, () => 'x'.repeat(5000));
	upstream = await startUpstream({
		reply: (body) =>
			JSON.stringify(body).includes('a lot')
				? { steps: [{ text: long }] }
				: // every other answer stays under way
					{ steps: [{ text: ['Hi', ' there'] }], fault: { type: 'hang', after: 1 } }
	});
	server = await startServer({ OPENAI_BASE_URL: upstream.url, AUTH_JWT_SECRET: SECRET });
});
afterAll(() => Promise.all([server.remove(), upstream.stop()]));

const message = { message: 'hi' };
const ways: [name: string, path: string, body?: object][] = [
	...Object.keys(WIRES).map((wire): (typeof ways)[number] => [
		wire,
		`/api/runs?wire=${wire}`,
		{ text: 'hi' }
	]),
	['a GET that starts a run', '/api/chat/stream?message=hi'],
	['the user’s own address', '/api/ada/chat/stream', message],
	[
		'the AI SDK',
		'/api/chat',
		{ id: 'chat', messages: [{ id: 'q', role: 'user', parts: [{ type: 'text', text: 'hi' }] }] }
	],
	[
		'AG-UI, where leaving stops the run',
		'/api/ag-ui',
		{ threadId: 'thread', runId: 'r', messages: [{ role: 'user', content: 'hi' }] }
	],
	[
		'ChatKit, where leaving stops the run',
		'/api/chatkit',
		{
			type: 'threads.create',
			params: { input: { content: [{ type: 'input_text', text: 'hi' }], attachments: [] } }
		}
	]
];

test.concurrent.for(ways)(
	'a stream ends with its token, and the run goes on: %s',
	async ([, path, body]) => {
		const { headers, end } = await shortToken();
		const response = await send(path, body, headers);
		expect(response.status).toBe(200);
		await response.text(); // it ends as it should, and is not torn off
		expectJustAfter(end);

		const runId = response.headers.get('x-run-id') ?? '';
		expect(await statusOf(runId)).toBe('running');
		for (const again of [path, `/api/runs/${runId}/events`]) {
			const cursor = { ...headers, 'last-event-id': `${runId}:1` };
			expect((await send(again, body, cursor)).status).toBe(401);
		}
	}
);

test.concurrent('who follows a run is let go with its own token', async () => {
	const started = await send('/api/runs', { text: 'hi' }, await token(600));
	const runId = started.headers.get('x-run-id') ?? '';
	const { headers, end } = await shortToken();
	await (await send(`/api/runs/${runId}/events`, undefined, headers)).text();
	expectJustAfter(end);

	const reader = started.body!.getReader();
	expect((await reader.read()).done).toBe(false);
	await reader.cancel();
});

test.concurrent('who reads nothing is cut off with its token', async () => {
	const long = await send('/api/runs', { text: 'a lot' }, await token(600));
	const runId = long.headers.get('x-run-id') ?? '';
	expect(await long.text()).toContain('"run-end"');

	const { headers, end } = await shortToken();
	const { port, hostname, host } = new URL(server.url);
	const socket = connect(Number(port), hostname).pause();
	const authorization = `Authorization: ${headers.authorization}\r\n`;
	socket.write(`GET /api/runs/${runId}/events HTTP/1.1\r\nHost: ${host}\r\n${authorization}\r\n`);
	await sleep(end + 1000 - Date.now());
	const chunks: Buffer[] = [];
	socket.on('data', (chunk: Buffer) => chunks.push(chunk));
	socket.on('error', () => undefined); // torn off
	socket.resume();
	await once(socket, 'close');
	const read = Buffer.concat(chunks).toString();
	expect(read).toContain('"text-delta"');
	expect(read).not.toContain('"run-end"');
	expect(read).not.toMatch(/\r\n0\r\n\r\n$/); // what waited for it is gone
});

test.concurrent('an answer that comes at once does not come after its token', async () => {
	const { headers, end } = await shortToken();
	const response = await send('/api/ada/chat', message, headers);
	expectJustAfter(end);
	expect(response.status).toBe(401);
	expect(await response.json()).toMatchObject({ error: { code: 'unauthorized' } });
});

test.concurrent('a WebSocket closes with its token, and the run goes on', async () => {
	const { headers, end } = await shortToken();
	const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/ws`, { headers });
	await once(socket, 'open');
	socket.send(JSON.stringify(message));
	const [said] = (await once(socket, 'message')) as [Buffer];
	const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
	expectJustAfter(end);
	expect([code, reason.toString()]).toEqual([4401, expect.stringContaining('expired')]);
	const { StreamingToken } = JSON.parse(said.toString()) as {
		StreamingToken: { metadata: { run_id: string } };
	};
	expect(await statusOf(StreamingToken.metadata.run_id)).toBe('running');
});

test.concurrent('a WebSocket that says no goodbye is closed, and heard no more', async () => {
	const { headers, end } = await shortToken();
	const before = await conversations();
	const { port, hostname, host } = new URL(server.url);
	const socket = connect(Number(port), hostname);
	socket.write(
		`GET /api/ws HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${headers.authorization}\r\n` +
			'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
			'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
	);
	await once(socket, 'data');
	await once(socket, 'data'); // the goodbye
	const text = Buffer.from(JSON.stringify(message));
	socket.write(Buffer.concat([Buffer.from([0x81, 0x80 + text.length, 0, 0, 0, 0]), text]));
	socket.resume();
	await once(socket, 'close');
	expectJustAfter(end);
	expect(await conversations()).toBe(before);

	async function conversations(): Promise<number> {
		const authorized = { headers: await token(600, 'silent') };
		const list = await fetch(`${server.url}/api/conversations?limit=100`, authorized);
		return ((await list.json()) as { conversations: unknown[] }).conversations.length;
	}
});

function send(path: string, body: object | undefined, headers: object): Promise<Response> {
	return fetch(server.url + path, {
		headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...headers },
		...(body && { method: 'POST', body: JSON.stringify(body) })
	});
}

/** A token that is refused from `end` on, some seconds from now. */
async function shortToken() {
	const left = 6;
	const end = 1000 * (Math.floor(Date.now() / 1000) + left);
	return { headers: await token(left - TOLERANCE), end };
}

async function token(seconds: number, user = 'ada'): Promise<{ authorization: string }> {
	const jwt = await new SignJWT({ sub: user })
		.setProtectedHeader({ alg: 'HS256' })
		.setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
		.sign(new TextEncoder().encode(SECRET));
	return { authorization: `Bearer ${jwt}` };
}

function expectJustAfter(end: number): void {
	expect(Date.now()).toBeGreaterThanOrEqual(end - 50);
	expect(Date.now()).toBeLessThan(end + LATEST_MS);
}

async function statusOf(runId: string): Promise<string> {
	const response = await fetch(`${server.url}/api/runs/${runId}`, { headers: await token(600) });
	return ((await response.json()) as { status: string }).status;
}
