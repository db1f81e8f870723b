import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startServer, type TestServer } from '../server.ts';

const MB = 1_000_000;
const LARGEST = 8 * MB;

let server: TestServer;

beforeAll(async () => {
	server = await startServer();
});
afterAll(() => server.remove());

const list = (item: string, size = LARGEST) => {
	const items = Array<string>(Math.floor((size - 200) / (item.length + 1))).fill(item);
	return `[${items.join()}]`;
};

test.for<[string, string, () => string]>([
	['the AI SDK', '/api/chat', () => `{"id":"many","messages":${list('{}')}}`],
	[
		'parts of the AI SDK',
		'/api/chat',
		() => `{"id":"many","messages":[{"id":"a","role":"user","parts":${list('{}')}}]}`
	],
	['AG-UI', '/api/ag-ui', () => `{"threadId":"many","runId":"r","messages":${list('0')}}`],
	[
		'answers on AG-UI',
		'/api/ag-ui',
		() => `{"threadId":"many","runId":"r","messages":[],"resume":${list('{}')}}`
	],
	['Chat Completions', '/v1/chat/completions', () => `{"model":"demo","messages":${list('{}')}}`],
	['Responses', '/v1/responses', () => `{"model":"demo","input":${list('{}')}}`],
	['either', '/api/agent/stream', () => `{"messages":${list('{}')}}`],
	[
		'ChatKit',
		'/api/chatkit',
		() => `{"type":"threads.create","params":{"input":{"content":${list('{}', MB)}}}}`
	]
])('a list of millions that make no sense is refused at its first: %s', async ([, path, body]) => {
	const written = body();
	const response = await post(path, written);
	expect([400, 422]).toContain(response.status);
	const { message } = await errorOf(response);
	expect(message).toMatch(/^(\w[\w.]*\.0\.|messages\.0|The body: )/);
});

test.for<[string, (deep: string) => string]>([
	['/api/runs', (deep) => `{"text":${deep}}`],
	['/api/runs', (deep) => `{"text":"","more":${deep}}`],
	[
		'/api/chat',
		(deep) =>
			`{"id":"deep","messages":[{"id":"q","role":"user","parts":[{"type":"text","text":${deep}}]}]}`
	],
	[
		'/api/ag-ui',
		(deep) =>
			`{"threadId":"deep","runId":"r","messages":[{"role":"user","content":[{"type":"text","text":${deep}}]}]}`
	],
	['/api/chatkit', (deep) => `{"type":"threads.create","params":${deep}}`],
	[
		'/v1/chat/completions',
		(deep) => `{"model":"demo","messages":[{"role":"user","content":${deep}}]}`
	],
	['/v1/responses', (deep) => `{"model":"demo","input":${deep}}`]
])('a question of a hundred thousand brackets is refused: %s', async ([path, body]) => {
	for (const deep of [
		'['.repeat(1e5) + ']'.repeat(1e5),
		'{"a":'.repeat(1e5) + '0' + '}'.repeat(1e5)
	]) {
		const response = await post(path, body(deep));
		expect([400, 422]).toContain(response.status);
		await errorOf(response);
	}
});

test.for(['["hi"]', '{"toString":"hi"}', '{}', '7', 'null', 'true'])(
	'what is no text is no question: %s',
	async (said) => {
		for (const [path, body] of [
			[
				'/api/chat',
				`{"id":"odd","messages":[{"id":"q","role":"user","parts":[{"type":"text","text":${said}}]}]}`
			],
			[
				'/api/ag-ui',
				`{"threadId":"odd","runId":"r","messages":[{"role":"user","content":[{"type":"text","text":${said}}]}]}`
			]
		] as const) {
			expect((await post(path, body)).status).toBe(422);
		}
		expect((await fetch(`${server.url}/api/conversations/odd`)).status).toBe(404);
	}
);

test('names that every object has are names as any other', async () => {
	for (const id of ['__proto__', 'constructor', 'toString']) {
		const question = { id, role: 'user', parts: [{ type: 'text', text: '1+1' }] };
		const answered = await post('/api/chat', JSON.stringify({ id, messages: [question] }));
		expect(answered.status).toBe(200);
		expect(await answered.text()).toContain('[DONE]');
		const read = await fetch(`${server.url}/api/conversations/${id}`);
		expect(await read.json()).toMatchObject({ id, messages: [{ role: 'user' }, {}] });

		const wire = await post(`/api/runs?wire=${id}`, '{"text":"hi"}');
		expect([wire.status, (await errorOf(wire)).code]).toEqual([400, 'unknown-wire']);
		for (const body of [
			`{"text":"hi","model":"${id}"}`,
			`{"text":"hi","agent":"${id}"}`,
			`{"${id}":{"text":"hi"}}`
		]) {
			expect((await post('/api/runs', body)).status).toBe(422);
		}
		expect((await post('/api/chatkit', `{"type":"${id}","params":{}}`)).status).toBe(422);
	}
	expect(Object.keys(Object.prototype)).toEqual([]);
});

test('a body that is announced as endless is 413, and one that lies about its length harms nobody', async () => {
	const head = 'Content-Type: application/json\r\n';
	expect(
		await raw(`POST /api/runs HTTP/1.1\r\n${head}Content-Length: 99999999999\r\n`, '{')
	).toMatch(/^HTTP\/1\.1 413 .*"body-too-large"/s);
	expect(
		await raw(
			`POST /api/runs HTTP/1.1\r\n${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`,
			'0\r\n\r\n'
		)
	).toMatch(/^HTTP\/1\.1 400/);
	expect(
		await raw(`POST /api/runs HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n`, 'zz\r\n')
	).toMatch(/^HTTP\/1\.1 400/);
	await alive();
});

test.for<[string, string]>([
	['five thousand headers', 'x: y\r\n'.repeat(5000)],
	['a header of 100 kB', `x: ${'y'.repeat(100_000)}\r\n`],
	['a cursor of 64 kB', `Last-Event-ID: ${'x'.repeat(64_000)}\r\n`]
])('%s are too many', async ([, headers]) => {
	expect(await raw(`GET /api/conversations HTTP/1.1\r\n${headers}`)).toMatch(/^HTTP\/1\.1 431/);
	await alive();
});

test('a method that an address does not take is 405, in JSON, with those it does', async () => {
	for (const [method, path, allow] of [
		['PUT', '/api/runs', 'POST'],
		['GET', '/chat', 'POST'],
		['POST', '/healthz', 'GET'],
		['DELETE', '/v1/models', 'GET']
	] as const) {
		const code = path.startsWith('/v1/') ? 'method_not_allowed' : 'method-not-allowed';
		const response = await fetch(server.url + path, {
			method,
			headers: { 'content-type': 'application/json' }
		});
		expect([response.status, (await errorOf(response)).code]).toEqual([405, code]);
		expect(response.headers.get('allow')).toContain(allow);
	}
});

test('bodies that arrive slowly, and many, take so much memory together and no more', async () => {
	const start = '{"text":"';
	const filling = Buffer.alloc(LARGEST - 1000, 'x');
	const slow: Socket[] = [];
	for (let index = 0; index < 40; index++) {
		const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
		socket.on('error', () => undefined);
		slow.push(socket);
		socket.write(
			`POST /api/chat HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${LARGEST - 1000 + start.length + 2}\r\n\r\n${start}`
		);
		await new Promise((resolve) => socket.write(filling, resolve));
	}
	const another = () => post('/api/runs', `{"text":"${'x'.repeat(200_000)}"}`);
	const [busy] = await vi.waitFor(async () => {
		const response = await another();
		expect(response.status).toBe(503);
		return [response];
	}, 20_000);
	expect(busy.headers.get('retry-after')).toBe('5');
	expect((await errorOf(busy)).code).toBe('too-busy');

	for (const socket of slow) socket.destroy();
	await vi.waitFor(async () => {
		expect((await another()).status).toBe(422);
	}, 20_000);
});

async function alive(): Promise<void> {
	expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
}

function post(path: string, body: string): Promise<Response> {
	return fetch(server.url + path, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body
	});
}

async function errorOf(response: Response): Promise<{ code: string; message: string }> {
	return ((await response.json()) as { error: { code: string; message: string } }).error;
}

/** What the server answers to bytes that no well-behaved client sends. */
async function raw(head: string, body = ''): Promise<string> {
	const { port, hostname } = new URL(server.url);
	const socket = connect(Number(port), hostname);
	socket.on('error', () => undefined); // cut off while it still sends
	socket.write(`${head}Host: localhost\r\nConnection: close\r\n\r\n${body}`);
	let said = '';
	socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
	await new Promise((resolve) => socket.once('close', resolve));
	return said;
}
