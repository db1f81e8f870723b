import { once } from 'node:events';
import { connect } from 'node:net';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ask, follow, textOf } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';

const SECRET = 'q8Jm2vYtR0xK7nWc4hLp9sDf3gZb6aUe';
const WORDS = Array.from({ length: 60 }, (_, index) => `word${String(index)} `);

let upstream: Upstream;
let server: TestServer;

beforeAll(async () => {
	upstream = await startUpstream({ reply: { steps: [{ text: WORDS }], rate: 40 } });
	server = await startServer({
		OPENAI_BASE_URL: upstream.url,
		OPENAI_API_KEY: 'sk-test',
		AUTH_JWT_SECRET: SECRET,
		ALLOWED_ORIGINS: 'https://friend.example'
	});
});
afterAll(() => Promise.all([server.remove(), upstream.stop()]));

interface Metadata {
	run_id: string;
	seq: number;
	conversation_id: string;
}
interface Said {
	StreamingToken?: { metadata: Metadata; content: string; index: number };
	AgentCompleted?: { metadata: Metadata; duration_ms: number; reason: string };
	AgentFailed?: { metadata: Metadata; code: string; message: string };
	Error?: { code: string; message: string };
}

test('a run is streamed, token by token, to its end', async () => {
	const { socket, next } = await open();
	socket.send(JSON.stringify({ message: 'hi' }));
	const said = await readRun(next);
	expect(text(said)).toBe(WORDS.join(''));
	expect(said.length).toBeGreaterThan(10);
	const indexes = said.flatMap(({ StreamingToken }) => StreamingToken?.index ?? []);
	expect(indexes).toEqual(indexes.map((_, index) => index));
	expect(said.at(-1)?.AgentCompleted).toMatchObject({ reason: 'done' });

	// the next question, in the same conversation
	const { conversation_id } = said[0]!.StreamingToken!.metadata;
	socket.send(JSON.stringify({ message: 'again', conversation_id }));
	expect((await readRun(next))[0]?.StreamingToken?.metadata.conversation_id).toBe(conversation_id);
	socket.close();
});

test('cut in the middle and resumed, nothing is missing and nothing comes twice', async () => {
	const first = await open();
	first.socket.send('{"message":"hi"}');
	const before = [await first.next(), await first.next(), await first.next()];
	first.socket.terminate();

	const { run_id, seq: after } = before.at(-1)!.StreamingToken!.metadata;
	const second = await open();
	second.socket.send(JSON.stringify({ resume: { run_id, after } }));
	const rest = await readRun(second.next);
	const tokens = [...before, ...rest].flatMap(({ StreamingToken }) => StreamingToken ?? []);
	expect(tokens.map(({ content }) => content).join('')).toBe(WORDS.join(''));
	expect(tokens.map(({ index }) => index)).toEqual(tokens.map((_, index) => index));

	// after the fact, from the start
	second.socket.send(JSON.stringify({ resume: { run_id, after: 0 } }));
	expect(text(await readRun(second.next))).toBe(WORDS.join(''));
	second.socket.close();
});

test('a run that an HTTP request began is followed, and stopped for everybody', async () => {
	const response = await ask(server.url, { text: 'hi' });
	const run_id = response.headers.get('x-run-id') ?? '';
	const { socket, next } = await open();
	socket.send(JSON.stringify({ resume: { run_id, after: 0 } }));
	await next();
	socket.send('{"stop":true}');
	const said = await readRun(next);
	expect(said.at(-1)?.AgentCompleted).toMatchObject({ reason: 'stopped' });
	expect(textOf(await follow(server.url, run_id)).length).toBeLessThan(WORDS.join('').length);
	await response.body?.cancel();
	socket.close();
});

test('a socket hears one run at a time', async () => {
	const { socket, next } = await open();
	socket.send('{"message":"hi"}');
	await next();
	socket.send('{"message":"another"}');
	let said = await next();
	while (!said.Error) said = await next();
	expect(said.Error.code).toBe('socket-busy');
	socket.send('{"stop":true}');
	await readRun(next);
	socket.close();
});

test.for<[string, string]>([
	['{"mess', 'bad-json'],
	['[]', 'invalid'],
	['null', 'invalid'],
	['7', 'invalid'],
	['{}', 'invalid'],
	['{"message":""}', 'invalid'],
	['{"message":7}', 'invalid'],
	[`{"message":"${'x'.repeat(100_001)}"}`, 'text-too-long'],
	[`{"message":"${'x'.repeat(999_986)}"}`, 'text-too-long'], // 1 MB, which is heard
	['{"message":"hi","conversation_id":"../.."}', 'invalid'],
	['{"message":"hi","conversation_id":"unknown"}', 'unknown-conversation'],
	['{"stop":"yes"}', 'invalid'],
	['{"resume":{"run_id":"unknown","after":0}}', 'unknown-run'],
	['{"resume":{"run_id":"unknown","after":-1}}', 'invalid'],
	['{"resume":{}}', 'invalid'],
	['{"__proto__":{"message":"hi"}}', 'invalid']
])('nonsense is answered with an error: %.40s', async ([sent, code]) => {
	const { socket, next } = await open();
	socket.send(sent);
	const { Error: error } = await next();
	expect(error?.code).toBe(code);
	expect(error?.message).toMatch(/\.$/);
	socket.send('{"stop":true}'); // nothing to stop, and no harm
	socket.send('{}');
	expect((await next()).Error?.code).toBe('invalid');
	socket.close();
});

test('a cursor beyond the log is refused', async () => {
	const response = await ask(server.url, { text: 'hi' });
	await response.text();
	const { socket, next } = await open();
	const run_id = response.headers.get('x-run-id');
	socket.send(JSON.stringify({ resume: { run_id, after: 9999 } }));
	expect((await next()).Error?.code).toBe('bad-cursor');
	socket.close();
});

test('what cannot be borne closes the socket with a code and a reason', async () => {
	const hostile: [(socket: WebSocket) => void, number][] = [
		[
			(socket) => {
				socket.send(Buffer.alloc(8));
			},
			1008
		],
		[
			(socket) => {
				socket.send('x'.repeat(1_000_001));
			},
			1009
		],
		[
			(socket) => {
				socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
			},
			1007
		],
		[
			(socket) => {
				for (let i = 0; i < 30; i++) socket.send('{');
			},
			1008
		]
	];
	for (const [attack, expected] of hostile) {
		const { socket } = await open();
		attack(socket);
		const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
		expect([code, reason.toString()]).toEqual([expected, expect.stringMatching(/^[A-Z].+\.$/)]);
	}
	await alive();
});

test('bytes that are no frames, and half a frame, harm nobody', async () => {
	const handshake =
		'GET /api/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
	const { port, hostname } = new URL(server.url);
	// unmasked, with reserved bits, of an endless length, a ping of 200 bytes, and a cut one
	for (const bytes of ['81026869', 'ff8500000000', '81ff7fffffffffffffff', '897e00c8', '81fe']) {
		const socket = connect(Number(port), hostname);
		socket.write(handshake);
		await once(socket, 'data');
		socket.write(Buffer.from(bytes, 'hex'));
		socket.end();
		socket.resume();
		await once(socket, 'close');
	}
	await alive();
});

test.for<[string, Record<string, string>, number]>([
	['a foreign origin', { origin: 'https://evil.example' }, 403],
	['a foreign site', { 'sec-fetch-site': 'cross-site' }, 403],
	['another port of this machine', { 'sec-fetch-site': 'same-site' }, 403],
	['a null origin', { origin: 'null' }, 403],
	['a foreign host', { host: 'evil.example' }, 403],
	['a bad token', { authorization: 'Bearer x' }, 401]
])('%s is refused at the upgrade, in JSON', async ([, headers, status]) => {
	const socket = new WebSocket(address(), { headers });
	const [, response] = (await once(socket, 'unexpected-response')) as [
		unknown,
		AsyncIterable<Buffer> & { statusCode: number }
	];
	expect(response.statusCode).toBe(status);
	let body = '';
	for await (const chunk of response) body += chunk.toString();
	expect(JSON.parse(body)).toMatchObject({ error: { message: expect.any(String) as string } });
});

test('our own page and an allowed one are let in', async () => {
	for (const origin of [server.url, 'https://friend.example']) {
		const { socket } = await open({ origin });
		expect(socket.readyState).toBe(WebSocket.OPEN);
		socket.close();
	}
});

test('a socket with a token speaks for its user: others’ runs are not there', async () => {
	const token = await new SignJWT({ sub: 'ada' })
		.setProtectedHeader({ alg: 'HS256' })
		.sign(new TextEncoder().encode(SECRET));
	const ada = await open({ authorization: `Bearer ${token}` });
	ada.socket.send('{"message":"hi"}');
	const { run_id } = (await ada.next()).StreamingToken!.metadata;
	const anyone = await open();
	anyone.socket.send(JSON.stringify({ resume: { run_id, after: 0 } }));
	expect((await anyone.next()).Error?.code).toBe('unknown-run');
	ada.socket.send('{"stop":true}');
	await readRun(ada.next);
	anyone.socket.close();
	ada.socket.close();
});

test('an upgrade elsewhere is 404, and a plain request here asks for an upgrade', async () => {
	const socket = new WebSocket(address().replace('/api/ws', '/api/elsewhere'));
	const [, response] = (await once(socket, 'unexpected-response')) as [
		unknown,
		{ statusCode: number }
	];
	expect(response.statusCode).toBe(404);
	expect((await fetch(`${server.url}/api/ws`)).status).toBe(426);
});

test('who offers HTTP/2 by an upgrade is served all the same', async () => {
	const { port, hostname } = new URL(server.url);
	const socket = connect(Number(port), hostname);
	socket.write(
		'GET /api/conversations HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n'
	);
	const [data] = (await once(socket, 'data')) as [Buffer];
	expect(data.toString()).toMatch(/^HTTP\/1\.1 200/);
	socket.destroy();
});

test('a restart is told, and the run is resumed on another socket', async () => {
	const { socket, next } = await open();
	socket.send('{"message":"hi"}');
	const { run_id, seq } = (await next()).StreamingToken!.metadata;
	const closed = once(socket, 'close') as Promise<[number, Buffer]>;
	await server.restart('SIGTERM');
	const [code, reason] = await closed;
	expect([code, reason.toString()]).toEqual([1012, 'The server is restarting.']);

	const again = await open();
	again.socket.send(JSON.stringify({ resume: { run_id, after: seq } }));
	const said = await readRun(again.next);
	expect(said.at(-1)?.AgentCompleted ?? said.at(-1)?.AgentFailed).toBeDefined();
	again.socket.close();
});

function address(): string {
	return `${server.url.replace('http', 'ws')}/api/ws`;
}

async function open(headers: Record<string, string> = {}) {
	const socket = new WebSocket(address(), { headers });
	const heard: Said[] = [];
	const waiting: ((said: Said) => void)[] = [];
	socket.on('message', (data: Buffer) => {
		const said = JSON.parse(data.toString()) as Said;
		const take = waiting.shift();
		if (take) take(said);
		else heard.push(said);
	});
	await once(socket, 'open');
	const next = () => {
		const said = heard.shift();
		return said
			? Promise.resolve(said)
			: new Promise<Said>((resolve) => {
					waiting.push(resolve);
				});
	};
	return { socket, next };
}

async function readRun(next: () => Promise<Said>): Promise<Said[]> {
	const said: Said[] = [];
	do said.push(await next());
	while (!said.at(-1)?.AgentCompleted && !said.at(-1)?.AgentFailed);
	return said;
}

function text(said: Said[]): string {
	return said.map(({ StreamingToken }) => StreamingToken?.content ?? '').join('');
}

async function alive(): Promise<void> {
	expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
}
