import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, eventsOf, follow } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';

let server: TestServer;

beforeAll(async () => {
	server = await startServer({
		ALLOWED_ORIGINS: 'https://friend.example',
		ALLOWED_HOSTS: 'chat.lan,exact.lan:8080',
		ORIGIN: 'https://home.example'
	});
});
afterAll(() => server.remove());

const foreign: Record<string, string>[] = [
	{ origin: 'https://evil.example' },
	{ origin: 'null' },
	{ 'sec-fetch-site': 'cross-site' },
	{ 'sec-fetch-site': 'same-site' },
	{ origin: 'http://127.0.0.1:1' }
];

test.for(foreign)('a request from elsewhere starts and changes nothing: %j', async (headers) => {
	for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
		const response = await ask(server.url, { text: 'hi' }, { ...headers, 'content-type': type });
		expect(response.status).toBe(403);
		expect(await codeOf(response)).toBe('foreign-origin');
	}
	for (const method of ['PATCH', 'PUT', 'DELETE']) {
		const changed = await fetch(`${server.url}/api/conversations/any`, { method, headers });
		expect([method, changed.status]).toEqual([method, 403]);
	}
	const get = await fetch(`${server.url}/api/agent/stream?input=hi`, {
		headers: { accept: 'text/event-stream', ...headers }
	});
	expect(get.status).toBe(403);
	expect(await conversations()).toEqual([]);
});

test('a foreign Sec-Fetch-Site refuses even beside a right Origin', async () => {
	const headers = { origin: server.url, 'sec-fetch-site': 'cross-site' };
	expect((await ask(server.url, { text: 'hi' }, headers)).status).toBe(403);
});

test.for([
	'evil.example',
	'evil.example:80',
	'127.0.0.1.evil.example',
	'localhost.evil',
	'chat.lan.evil.example',
	'exact.lan',
	'exact.lan:8081',
	'',
	'a b'
])('a host name that is not ours is refused, for GET too: %j', async (host) => {
	const response = await raw(`GET /api/conversations HTTP/1.1\r\nHost: ${host}\r\n`);
	expect(response).toMatch(/^HTTP\/1\.1 (403|400)/);
	expect(response).not.toContain('"conversations"');
});

test.for([
	'localhost',
	'localhost:3000',
	'127.0.0.1',
	'[::1]',
	'192.168.1.7:3000',
	'friend.example',
	'chat.lan',
	'chat.lan:3000',
	'exact.lan:8080',
	'home.example'
])('our names and address literals are let in: %s', async (host) => {
	const response = await raw(`GET /api/conversations HTTP/1.1\r\nHost: ${host}\r\n`);
	expect(response).toMatch(/^HTTP\/1\.1 200/);
});

test('an address literal as host does not make a foreign origin ours', async () => {
	const response = await raw(
		'POST /api/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.2\r\nContent-Length: 0\r\n'
	);
	expect(response).toMatch(/^HTTP\/1\.1 403/);
});

test('starting by GET needs an Accept that names the event stream', async () => {
	for (const accept of ['*/*', 'image/avif,*/*', 'text/html']) {
		const response = await fetch(`${server.url}/api/agent/stream?input=hi`, {
			headers: { accept }
		});
		expect(response.status).toBe(406);
	}
	expect(await conversations()).toEqual([]);
});

test.for(['/api/agent/stream?input=hi', '/api/chat/stream?message=hi'])(
	'HEAD starts nothing: %s',
	async (path) => {
		const headers = { accept: 'text/event-stream' };
		const response = await fetch(server.url + path, { method: 'HEAD', headers });
		expect(response.status).toBe(405);
		expect(await conversations()).toEqual([]);
	}
);

test('a body that is too large, no JSON, or of another type is refused in JSON', async () => {
	const huge = await ask(server.url, { text: 'x'.repeat(1_100_000) });
	expect([huge.status, await codeOf(huge)]).toEqual([413, 'body-too-large']);

	for (const path of ['/api/chat', '/api/ag-ui', '/v1/responses']) {
		const long = await post(path, `{"more":"${'x'.repeat(8_000_000)}"}`, 'application/json');
		expect([path, long.status]).toEqual([path, 413]);
	}

	const beyond = await ask(server.url, { text: 'x'.repeat(17_000_000) });
	expect([beyond.status, await codeOf(beyond)]).toEqual([413, 'body-too-large']);

	const broken = await post('/api/runs', '{"text":', 'application/json');
	expect([broken.status, await codeOf(broken)]).toEqual([400, 'bad-json']);

	const form = await post('/api/runs', 'text=hi', 'application/x-www-form-urlencoded');
	expect([form.status, await codeOf(form)]).toEqual([415, 'unsupported-media-type']);
	expect(await conversations()).toEqual([]);
});

test('an idempotency key has 1 to 255 characters', async () => {
	for (const key of ['', 'x'.repeat(256)]) {
		const refused = await ask(server.url, { text: 'hi' }, { 'idempotency-key': key });
		expect([refused.status, await codeOf(refused)]).toEqual([400, 'bad-request']);
	}
	expect(await conversations()).toEqual([]);
});

test('a text over 100,000 characters is refused with the limit named', async () => {
	const response = await ask(server.url, { text: 'x'.repeat(100_001) });
	expect(response.status).toBe(422);
	expect(await response.json()).toMatchObject({
		error: { code: 'text-too-long', message: expect.stringContaining('100,000') as string }
	});
});

test.for([
	{},
	{ text: '' },
	{ text: '   ' },
	{ text: 7 },
	{ text: 'hi', conversationId: '../..' },
	{ text: 'hi', conversationId: 'x'.repeat(65) },
	{ text: 'hi', agent: 'nobody' },
	{ text: 'hi', model: 'nothing' },
	{ text: 'hi', parentId: 'nowhere' },
	[],
	null,
	'hi'
])('a question that makes no sense is refused and stores nothing: %j', async (body) => {
	const response = await post('/api/runs', JSON.stringify(body), 'application/json');
	expect(response.status).toBe(422);
	expect(await conversations()).toEqual([]);
});

test.for([
	'/api/runs/unknown',
	'/api/runs/unknown/events',
	'/api/conversations/unknown',
	'/api/nowhere'
])('what is not there is 404, in JSON whatever the client accepts: %s', async (path) => {
	for (const accept of ['text/event-stream', 'text/html', '*/*']) {
		const response = await fetch(server.url + path, { headers: { accept } });
		expect(response.status).toBe(404);
		expect(await codeOf(response)).toMatch(/^unknown-/);
	}
});

test('a question to a conversation that is not there is 404', async () => {
	const response = await ask(server.url, { text: 'hi', conversationId: 'unknown' });
	expect([response.status, await codeOf(response)]).toEqual([404, 'unknown-conversation']);
});

test('an unknown wire is refused with the list of wires', async () => {
	const response = await fetch(`${server.url}/api/runs?wire=smoke`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: '{"text":"hi"}'
	});
	expect(response.status).toBe(400);
	expect(await response.text()).toContain('native, text, delta, typed, steps, named, ui-message');
});

test.for(['limit=0', 'limit=x', 'limit=1e3', 'before=x', 'limit=-1', 'limit=99999999999999999999'])(
	'a query that makes no sense is refused: %s',
	async (query) => {
		const response = await fetch(`${server.url}/api/conversations?${query}`);
		expect([response.status, await codeOf(response)]).toEqual([400, 'bad-request']);
	}
);

test('cursors that are none, of another run or beyond the log are refused', async () => {
	const events = [];
	for await (const event of eventsOf(await ask(server.url, { text: '1+1' }))) events.push(event);
	const [start] = events;
	const runId = start?.type === 'run-start' ? start.runId : '';
	const beyond = `${runId}:${String(events.length + 1)}`;
	const at = `${server.url}/api/runs/${runId}/events`;

	for (const id of ['x', 'other:1', `${runId}:0`, `${runId}:-1`, beyond, 'x'.repeat(4000)]) {
		const response = await fetch(at, { headers: { 'last-event-id': id } });
		expect([response.status, await codeOf(response)]).toEqual([400, 'bad-cursor']);
		const again = await ask(server.url, { text: 'hi' }, { 'last-event-id': id });
		expect(again.status).toBe(400);
	}
	for (const after of ['x', '-1', '999', '1.5', '']) {
		const response = await fetch(`${at}?after=${after}`);
		expect([after, response.status]).toEqual([after, 400]);
	}
	expect(await follow(server.url, runId)).toEqual(events);
	expect(await conversations()).toHaveLength(1);
});

test('conversations come page after page, each once', async () => {
	for (const text of ['1+1', '2+2', '3+3']) {
		for await (const _event of eventsOf(await ask(server.url, { text })));
	}
	const all = await conversations();
	const paged: unknown[] = [];
	for (let query = '?limit=1'; query;) {
		const page = (await (await fetch(`${server.url}/api/conversations${query}`)).json()) as {
			conversations: unknown[];
			next?: string;
		};
		paged.push(...page.conversations);
		query = page.next === undefined ? '' : `?limit=1&before=${encodeURIComponent(page.next)}`;
	}
	expect(all.length).toBeGreaterThanOrEqual(3);
	expect(paged).toEqual(all);
});

test('answers are private, not kept, not sniffed, framed by nobody; pages have a strict policy', async () => {
	const api = await fetch(`${server.url}/api/conversations`);
	const page = await fetch(server.url);
	for (const { headers } of [api, page]) {
		expect(headers.get('cache-control')).toBe('private, no-store');
		expect(headers.get('x-content-type-options')).toBe('nosniff');
		expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
	}
	const policy = page.headers.get('content-security-policy') ?? '';
	expect(policy).not.toMatch(/unsafe-(inline|eval)/);
	expect(policy).toContain("default-src 'self'");
});

test('HEAD on a run under way does not wait for its end', async () => {
	const run = await ask(server.url, { text: 'Write 4000 words' });
	const id = run.headers.get('x-run-id') ?? '';
	await run.body?.cancel();
	for (const path of [`/api/runs/${id}/events`, `/v1/responses/resp_${id}?stream=true`]) {
		const signal = AbortSignal.timeout(10_000);
		const head = await fetch(server.url + path, { method: 'HEAD', signal });
		expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
		expect(head.headers.get('x-run-id')).toBe(id);
		// the connection is free for another request, which it is not while a stream goes on
		const next = await fetch(`${server.url}/api/runs/${id}`, { signal });
		expect(await next.json()).toMatchObject({ status: 'running' });
	}
	await post(`/api/runs/${id}/stop`, '', 'application/json');
	await follow(server.url, id);
});

function post(path: string, body: string, type: string): Promise<Response> {
	return fetch(server.url + path, { method: 'POST', headers: { 'content-type': type }, body });
}

async function codeOf(response: Response): Promise<string> {
	const { error } = (await response.json()) as { error: { code: string; message: string } };
	expect(error.message).toMatch(/^[A-Z\w].*\.$/s);
	return error.code;
}

async function conversations(): Promise<unknown[]> {
	const response = await fetch(`${server.url}/api/conversations`);
	return ((await response.json()) as { conversations: unknown[] }).conversations;
}

/** A request whose `Host` no well-behaved client would send. */
function raw(head: string): Promise<string> {
	const { port, hostname } = new URL(server.url);
	return new Promise((resolve, reject) => {
		let text = '';
		const socket = connect(Number(port), hostname, () => {
			socket.write(`${head}Connection: close\r\n\r\n`);
		});
		socket.on('data', (chunk) => (text += chunk.toString()));
		socket.on('end', () => {
			resolve(text);
		});
		socket.on('error', reject);
	});
}
