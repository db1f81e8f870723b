import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, eventsOf, textOf } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';

const SECRET = 'q8Jm2vYtR0xK7nWc4hLp9sDf3gZb6aUe';

let server: TestServer;
let open: TestServer;

beforeAll(async () => {
	[server, open] = await Promise.all([startServer({ AUTH_JWT_SECRET: SECRET }), startServer()]);
});
afterAll(() => Promise.all([server.remove(), open.remove()]));

test('a user streams, and what is said is that user’s alone', async () => {
	const response = await say(server, 'ada', 'ada', '/stream', { message: '12*7+1' });
	expect(response.headers.get('content-type')).toBe('text/event-stream');
	const text = await response.text();
	expect(text).toContain('"content"');
	expect(text).toMatch(/data: {"type":"done"}\n\ndata: \[DONE\]\nid: [^\n]+\n\n$/);
	const runId = /^id: (.+):1$/m.exec(text)?.[1] ?? '';

	const [conversation] = await conversations(await bearer('ada'));
	expect(conversation).toBeDefined();
	for (const headers of [{}, await bearer('eve'), await bearer('local')]) {
		expect(await conversations(headers)).toEqual([]);
		for (const path of [
			`/api/conversations/${conversation?.id ?? ''}`,
			`/api/runs/${runId}`,
			`/api/runs/${runId}/events`
		]) {
			expect((await fetch(server.url + path, { headers })).status).toBe(404);
		}
		const stop = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
		expect((await fetch(`${server.url}/api/runs/${runId}/stop`, stop)).status).toBe(404);
	}
	const eve = { message: 'hi', conversation_id: conversation?.id ?? '' };
	expect((await say(server, 'eve', 'eve', '/stream', eve)).status).toBe(404);
	const cursor = { 'last-event-id': `${runId}:1` };
	expect((await say(server, 'eve', 'eve', '/stream', eve, cursor)).status).toBe(400);
});

test('the JSON route answers once, with the ids to go on with', async () => {
	const response = await say(server, 'bob', 'bob', '', { message: '12*7+1' });
	expect(response.status).toBe(200);
	const said = (await response.json()) as Record<string, string>;
	expect(Object.keys(said).sort()).toEqual(['conversation_id', 'response', 'run_id']);
	expect(said['response']).toContain('85');

	const message = { message: 'hi', conversation_id: said['conversation_id'] };
	expect((await say(server, 'bob', 'bob', '', message)).status).toBe(200);
});

test('who was cut while streaming is given all of it by the JSON route, and no second run', async () => {
	const response = await say(server, 'cut', 'cut', '/stream', { message: '12*7+1' });
	const run_id = response.headers.get('x-run-id') ?? '';
	await response.body?.cancel();

	const cursor = { 'last-event-id': `${run_id}:1` };
	const rest = await say(server, 'cut', 'cut', '', { message: '12*7+1' }, cursor);
	expect([rest.status, await rest.json()]).toMatchObject([
		200,
		{ run_id, response: expect.stringMatching(/^Let .+85/s) as string }
	]);
	expect(await conversations(await bearer('cut'))).toHaveLength(1);

	for (const wrong of ['nonsense', `${run_id}:999`]) {
		const refused = await say(server, 'cut', 'cut', '', {}, { 'last-event-id': wrong });
		expect([refused.status, await codeOf(refused)]).toEqual([400, 'bad-cursor']);
	}
	const others = await say(server, 'eve', 'eve', '', { message: 'hi' }, cursor);
	expect(others.status).toBe(400);
});

test('a failed run is 502 with its code, and the conversation keeps what was said', async () => {
	const broken = await startServer({
		AUTH_JWT_SECRET: SECRET,
		OPENAI_BASE_URL: 'http://127.0.0.1:9/v1'
	});
	try {
		const response = await say(broken, 'bob', 'bob', '', { message: 'hi' });
		expect(response.status).toBe(502);
		const { error, conversation_id } = (await response.json()) as {
			error: { code: string; message: string };
			conversation_id: string;
		};
		expect(error.code).toBe('model-unreachable');
		expect(error.message).toMatch(/\.$/);
		const headers = await bearer('bob');
		const kept = await fetch(`${broken.url}/api/conversations/${conversation_id}`, { headers });
		expect(await kept.json()).toMatchObject({
			messages: [{ role: 'user' }, { role: 'assistant' }]
		});
	} finally {
		await broken.remove();
	}
});

test.for(['', '/stream'])(
	'the token must be there, good, and that user’s: chat%s',
	async (path) => {
		const message = { message: 'hi' };
		const none = await post(`${server.url}/api/ada/chat${path}`, message, {});
		expect([none.status, await codeOf(none)]).toEqual([401, 'unauthorized']);
		expect(none.headers.get('www-authenticate')).toBe('Bearer');

		const other = await say(server, 'eve', 'ada', path, message);
		expect([other.status, await codeOf(other)]).toEqual([403, 'forbidden']);

		const unset = await say(open, 'ada', 'ada', path, message);
		expect([unset.status, await codeOf(unset)]).toEqual([501, 'sign-in-not-set-up']);
	}
);

test('a bad token is 401 on every route, and starts nothing', async () => {
	const expired = await token('ada', -120);
	for (const authorization of [`Bearer ${expired}`, 'Bearer x', 'bearer', 'Bearer  ']) {
		const started = await ask(server.url, { text: 'hi' }, { authorization });
		expect([authorization, started.status]).toEqual([authorization, 401]);
		const list = await fetch(`${server.url}/api/conversations`, { headers: { authorization } });
		expect(list.status).toBe(401);
	}
	expect(await conversations({})).toEqual([]);
});

test('a token in the address or in the body is not one', async () => {
	const query = `token=${await token('ada')}&access_token=${await token('ada')}&user_id=ada`;
	expect(await conversations({}, `?${query}`)).toEqual([]);
	const body = { message: 'hi', user_id: 'ada', authorization: `Bearer ${await token('ada')}` };
	expect((await post(`${server.url}/api/ada/chat`, body, {})).status).toBe(401);
});

test('a bearer token acts as its user on the other routes', async () => {
	const headers = await bearer('zoe');
	const events = [];
	for await (const event of eventsOf(await ask(server.url, { text: '2+2' }, headers))) {
		events.push(event);
	}
	expect(textOf(events)).toContain('4');
	expect(await conversations(headers)).toHaveLength(1);
	expect(await conversations({})).toEqual([]);
});

test('without a key tokens are not looked at, and everybody is the local owner', async () => {
	const response = await fetch(`${open.url}/api/conversations`, {
		headers: { authorization: 'Bearer whatever' }
	});
	expect(response.status).toBe(200);
});

test.for([
	['AUTH_JWT_SECRET', 'short'],
	['AUTH_JWT_SECRET', 'a-string-secret-at-least-256-bits-long'],
	['AUTH_JWT_AUDIENCE', 'runnel']
])('the start is refused, with a sentence: %s', async ([name, value]) => {
	await expect(startServer({ [name!]: value! })).rejects.toThrow(`${name!} is not usable: `);
});

async function say(
	{ url }: TestServer,
	user: string,
	address: string,
	path: string,
	body: object,
	headers: Record<string, string> = {}
): Promise<Response> {
	return post(`${url}/api/${address}/chat${path}`, body, { ...(await bearer(user)), ...headers });
}

function post(url: string, body: object, headers: Record<string, string>): Promise<Response> {
	return fetch(url, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...headers },
		body: JSON.stringify(body)
	});
}

async function bearer(user: string): Promise<{ authorization: string }> {
	return { authorization: `Bearer ${await token(user)}` };
}

function token(user: string, seconds = 600): Promise<string> {
	return new SignJWT({ sub: user })
		.setProtectedHeader({ alg: 'HS256' })
		.setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
		.sign(new TextEncoder().encode(SECRET));
}

async function conversations(headers: object, query = ''): Promise<{ id: string }[]> {
	const response = await fetch(`${server.url}/api/conversations${query}`, {
		headers: { ...headers }
	});
	return ((await response.json()) as { conversations: { id: string }[] }).conversations;
}

async function codeOf(response: Response): Promise<string> {
	return ((await response.json()) as { error: { code: string } }).error.code;
}
