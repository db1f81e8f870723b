import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ask } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';

const SECRET = 'q8Jm2vYtR0xK7nWc4hLp9sDf3gZb6aUe';

let upstream: Upstream;
let server: TestServer;

beforeAll(async () => {
	upstream = await startUpstream({
		reply: (body) =>
			JSON.stringify(body).includes('briefly')
				? { steps: [{ text: 'Hi' }] }
				: // every other answer stays under way
					{ steps: [{ text: ['Hi', ' there'] }], fault: { type: 'hang', after: 1 } }
	});
	server = await startServer({
		OPENAI_BASE_URL: upstream.url,
		AUTH_JWT_SECRET: SECRET,
		MAX_STREAMS: '4',
		MAX_STREAMS_PER_OWNER: '3',
		MAX_RUNS: '4',
		MAX_RUNS_PER_OWNER: '3'
	});
});
afterAll(() => Promise.all([server.remove(), upstream.stop()]));

const hi = { text: 'hi' };
const brief = { text: 'say hi briefly' };

test('an owner has so many streams and sockets at once, others have theirs, and places come back', async () => {
	const [ada, bob, eve] = await Promise.all([bearer('ada'), bearer('bob'), bearer('eve')]);
	const first = await ask(server.url, hi, ada);
	const runId = first.headers.get('x-run-id') ?? '';
	const socket = await open(ada);
	const second = await follow(runId, ada);
	expect([first.status, second.status]).toEqual([200, 200]);

	for (const refused of [
		await follow(runId, ada),
		await ask(server.url, hi, ada),
		await fetch(`${server.url}/api/chat/stream?message=hi`, {
			headers: { accept: 'text/event-stream', ...ada }
		}),
		await post('/api/ada/chat', { message: 'hi' }, ada)
	]) {
		expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
		expect(await refused.json()).toMatchObject({ error: { code: 'too-many-streams' } });
	}
	expect(await closing(ada)).toEqual([1013, expect.stringMatching(/^As many .+\.$/)]);
	expect(await conversations(ada)).toBe(1);

	const other = await ask(server.url, hi, bob); // the last place of all
	expect(other.status).toBe(200);
	expect((await ask(server.url, hi, eve)).status).toBe(429);
	expect((await closing(eve))[0]).toBe(1013);

	socket.terminate();
	await second.body?.cancel();
	await other.body?.cancel();
	await vi.waitFor(async () => {
		const again = await follow(runId, ada);
		expect(again.status).toBe(200);
		await again.body?.cancel();
	}, 10_000);
	for (const response of [first, other]) await stop(response, response === first ? ada : bob);
	await first.text();
});

test('places come back however a stream comes to its end, and refused starts take none', async () => {
	const ada = await bearer('ada');
	for (let round = 0; round < 8; round++) {
		const answered = await ask(server.url, brief, { ...ada, 'idempotency-key': `key-${round}` });
		expect(answered.status).toBe(200);
		const runId = answered.headers.get('x-run-id') ?? '';
		const read = await answered.text();
		const end = /^id: (\S+)\n\n$/m.exec(read.slice(read.lastIndexOf('id: ')))?.[1] ?? '';
		expect((await ask(server.url, brief, { ...ada, 'last-event-id': end })).status).toBe(204);
		const repeated = await ask(server.url, brief, { ...ada, 'idempotency-key': `key-${round}` });
		expect([repeated.status, repeated.headers.get('x-run-id')]).toEqual([200, runId]);
		await repeated.text();
		const mismatch = await ask(server.url, hi, { ...ada, 'idempotency-key': `key-${round}` });
		expect(mismatch.status).toBe(422);
		expect((await ask(server.url, { ...brief, model: 'none' }, ada)).status).toBe(422);
		expect((await post('/api/ada/chat', { message: 'briefly' }, ada)).status).toBe(200);
		const socket = await open(ada);
		socket.close();
		await once(socket, 'close');
	}
});

test('who waits for an answer in JSON and leaves gives the place back', async () => {
	const ada = await bearer('ada');
	const run = await ask(server.url, hi, ada);
	const runId = run.headers.get('x-run-id') ?? '';
	await run.body?.cancel();

	const leaving = new AbortController();
	const resumed = { ...ada, 'last-event-id': `${runId}:1` };
	await vi.waitFor(async () => {
		// one more waits, or is refused
		const answer = post('/api/ada/chat', {}, resumed, leaving.signal).catch(() => undefined);
		expect((await Promise.race([answer, sleep(500)]))?.status).toBe(429);
	}, 15_000);
	leaving.abort();

	await vi.waitFor(async () => {
		const all = await Promise.all([1, 2, 3].map(() => follow(runId, ada)));
		for (const { body } of all) await body?.cancel();
		expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
	}, 15_000);
	await stop(run, ada);
}, 40_000);

test('an owner has so many answers under way at once, also when nobody listens', async () => {
	const [ada, bob] = await Promise.all([bearer('ada'), bearer('bob')]);
	const started: Response[] = [];
	for (let count = 0; count < 3; count++) {
		const response = await ask(server.url, hi, ada);
		expect(response.status).toBe(200);
		started.push(response);
		await response.body?.cancel();
	}
	await vi.waitFor(() => refusesRun(ada), 10_000);
	const socket = await open(ada);
	socket.send('{"message":"hi"}');
	const [said] = (await once(socket, 'message')) as [Buffer];
	expect(JSON.parse(said.toString())).toMatchObject({ Error: { code: 'too-many-runs' } });
	socket.close();
	const other = await ask(server.url, hi, bob);
	expect(other.status).toBe(200);
	await other.body?.cancel();
	await vi.waitFor(async () => refusesRun(await bearer('eve')), 10_000); // the server has four

	await stop(other, bob);
	for (const response of started) await stop(response, ada);
	expect(await (await ask(server.url, brief, ada)).text()).toContain('"run-end"');
});

test('of fifty starts at once no more get through than may be', async () => {
	const ada = await bearer('ada');
	const all = await Promise.all(Array.from({ length: 50 }, () => ask(server.url, hi, ada)));
	const begun = all.filter(({ status }) => status === 200);
	expect(begun).toHaveLength(3);
	expect(all.filter(({ status }) => status === 429)).toHaveLength(47);
	for (const response of begun) await stop(response, ada);
	for (const response of begun) await response.text();
});

test('without keys to check tokens with there is one owner, whom only the number of all limits', async () => {
	const alone = await startServer({
		OPENAI_BASE_URL: upstream.url,
		MAX_STREAMS: '3',
		MAX_STREAMS_PER_OWNER: '1',
		MAX_RUNS_PER_OWNER: '1'
	});
	try {
		const answers: Response[] = []; // kept, or Node hangs up when it tidies its memory
		for (let count = 0; count < 4; count++) answers.push(await ask(alone.url, hi));
		expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
	} finally {
		await alone.remove();
	}
});

async function refusesRun(headers: object): Promise<void> {
	const refused = await ask(server.url, hi, { ...headers });
	expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
	expect(await refused.json()).toMatchObject({ error: { code: 'too-many-runs' } });
}

function follow(runId: string, headers: Record<string, string>): Promise<Response> {
	return fetch(`${server.url}/api/runs/${runId}/events`, { headers });
}

function post(
	path: string,
	body: object,
	headers: object,
	signal?: AbortSignal
): Promise<Response> {
	return fetch(server.url + path, {
		method: 'POST',
		...(signal && { signal }),
		headers: { 'content-type': 'application/json', ...headers },
		body: JSON.stringify(body)
	});
}

async function stop(started: Response, headers: object): Promise<void> {
	const runId = started.headers.get('x-run-id') ?? '';
	expect((await post(`/api/runs/${runId}/stop`, {}, headers)).status).toBe(202);
	await vi.waitFor(async () => {
		const view = await fetch(`${server.url}/api/runs/${runId}`, { headers: { ...headers } });
		expect(await view.json()).toMatchObject({ status: 'stopped' });
	}, 10_000);
}

async function open(headers: Record<string, string>): Promise<WebSocket> {
	const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/ws`, { headers });
	await once(socket, 'open');
	return socket;
}

async function closing(headers: Record<string, string>): Promise<[number, string]> {
	const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/ws`, { headers });
	const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
	return [code, reason.toString()];
}

async function conversations(headers: Record<string, string>): Promise<number> {
	const list = await fetch(`${server.url}/api/conversations`, { headers });
	return ((await list.json()) as { conversations: unknown[] }).conversations.length;
}

async function bearer(user: string): Promise<{ authorization: string }> {
	const jwt = await new SignJWT({ sub: user })
		.setProtectedHeader({ alg: 'HS256' })
		.sign(new TextEncoder().encode(SECRET));
	return { authorization: `Bearer ${jwt}` };
}
