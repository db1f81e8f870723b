import { createHmac, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ask, eventsOf } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';

const SECRET = 'q8Jm2vYtR0xK7nWc4hLp9sDf3gZb6aUe';
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const good = { sub: 'ada', iss: 'https://id.example', aud: 'runnel' };

let server: TestServer;
let rsa: TestServer;
/** What is Ada's: a run that waits for her. */
let hers: { runId: string; approvalId: string; conversationId: string; messageId: string };

beforeAll(async () => {
	const claims = { AUTH_JWT_ISSUER: good.iss, AUTH_JWT_AUDIENCE: good.aud };
	[server, rsa] = await Promise.all([
		startServer({ AUTH_JWT_SECRET: SECRET, ...claims }),
		startServer({ AUTH_JWT_PUBLIC_KEY: pem.replaceAll('\n', '\\n'), ...claims })
	]);
	hers = { runId: '', approvalId: '', conversationId: '', messageId: '' };
	for await (const event of eventsOf(
		await ask(server.url, { text: 'save a note: buy milk' }, await bearer('ada'))
	)) {
		if (event.type === 'run-start') Object.assign(hers, { ...event, seq: undefined });
		if (event.type === 'approval-request') hers.approvalId = event.approvalId;
		if (event.type === 'run-pause') break;
	}
	expect(hers.approvalId).not.toBe('');
});
afterAll(() => Promise.all([server.remove(), rsa.remove()]));

type Ids = typeof hers;
const unknown: Ids = {
	runId: '00000000-0000-4000-8000-000000000000',
	approvalId: '00000000-0000-4000-8000-000000000001',
	conversationId: '00000000-0000-4000-8000-000000000002',
	messageId: '00000000-0000-4000-8000-000000000003'
};

const input = { content: [{ type: 'input_text', text: 'hi' }], attachments: [] };
const chatkit = (type: string, params: object) =>
	['POST', '/api/chatkit', { type, params }] as const;
const doors: Record<
	string,
	(ids: Ids) => readonly [method: string, path: string, body?: object, cursor?: string]
> = {
	'reads the run': ({ runId }) => ['GET', `/api/runs/${runId}`],
	'follows the run': ({ runId }) => ['GET', `/api/runs/${runId}/events`],
	'follows it with a cursor': ({ runId }) => [
		'GET',
		`/api/runs/${runId}/events`,
		undefined,
		`${runId}:1`
	],
	'goes on with it by POST': ({ runId }) => ['POST', '/api/runs', { text: 'hi' }, `${runId}:1`],
	'goes on with it by GET': ({ runId }) => [
		'GET',
		'/api/chat/stream?message=hi',
		undefined,
		`${runId}:1`
	],
	'goes on with it as its user': ({ runId }) => [
		'POST',
		'/api/eve/chat/stream',
		{ message: 'hi' },
		`${runId}:1`
	],
	'goes on with it on AG-UI': ({ runId }) => ['POST', '/api/ag-ui', {}, `${runId}:1`],
	'goes on with it on ChatKit': ({ runId }) => ['POST', '/api/chatkit', {}, `${runId}:1`],
	'goes on with it on the AI SDK': ({ runId }) => ['POST', '/api/chat', {}, `${runId}:1`],
	'stops the run': ({ runId }) => ['POST', `/api/runs/${runId}/stop`, {}],
	approves: ({ runId, approvalId }) => [
		'POST',
		`/api/runs/${runId}/approvals/${approvalId}`,
		{ approved: true }
	],
	'reads the conversation': ({ conversationId }) => ['GET', `/api/conversations/${conversationId}`],
	'renames it': ({ conversationId }) => [
		'PATCH',
		`/api/conversations/${conversationId}`,
		{ title: 'Mine' }
	],
	'deletes it': ({ conversationId }) => ['DELETE', `/api/conversations/${conversationId}`, {}],
	'posts into it': ({ conversationId }) => ['POST', '/api/runs', { text: 'hi', conversationId }],
	'branches it': ({ conversationId, messageId: parentId }) => [
		'POST',
		'/api/runs',
		{ text: 'hi', conversationId, parentId }
	],
	'asks again in it': ({ conversationId, messageId: parentId }) => [
		'POST',
		'/api/runs',
		{ conversationId, parentId }
	],
	'asks in it as a user': ({ conversationId: conversation_id }) => [
		'POST',
		'/api/eve/chat',
		{ message: 'hi', conversation_id }
	],
	'resumes it for the AI SDK': ({ conversationId }) => [
		'GET',
		`/api/chat/${conversationId}/stream`
	],
	'approves with the AI SDK': ({ conversationId: id, messageId, approvalId }) => [
		'POST',
		'/api/chat',
		{
			id,
			messages: [
				{
					id: messageId,
					role: 'assistant',
					parts: [
						{
							type: 'dynamic-tool',
							state: 'approval-responded',
							approval: { id: approvalId, approved: true }
						}
					]
				}
			]
		}
	],
	'approves on AG-UI': ({ conversationId: threadId, approvalId: interruptId }) => [
		'POST',
		'/api/ag-ui',
		{
			threadId,
			runId: 'r',
			messages: [],
			resume: [{ interruptId, status: 'resolved', payload: { approved: true } }]
		}
	],
	'reads the thread': ({ conversationId: thread_id }) =>
		chatkit('threads.get_by_id', { thread_id }),
	'reads its items': ({ conversationId: thread_id }) => chatkit('items.list', { thread_id }),
	'posts into the thread': ({ conversationId: thread_id }) =>
		chatkit('threads.add_user_message', { thread_id, input }),
	'retitles the thread': ({ conversationId: thread_id }) =>
		chatkit('threads.update', { thread_id, title: 'Mine' }),
	'deletes the thread': ({ conversationId: thread_id }) => chatkit('threads.delete', { thread_id }),
	'asks again in the thread': ({ conversationId: thread_id, messageId: item_id }) =>
		chatkit('threads.retry_after_item', { thread_id, item_id })
};

test.for(Object.entries(doors))(
	'what is somebody else’s is to others as if it were not there: who %s',
	async ([, door]) => {
		for (const headers of [await bearer('eve'), {}]) {
			const [theirs, nobodys] = [
				await knock(door(hers), headers),
				await knock(door(unknown), headers)
			];
			expect(theirs).toEqual(nobodys);
			expect(theirs.status === 204 || theirs.status >= 400).toBe(true);
		}
		const view = await fetch(`${server.url}/api/runs/${hers.runId}`, {
			headers: await bearer('ada')
		});
		expect(await view.json()).toMatchObject({ status: 'paused' });
	}
);

test('a WebSocket resumes and stops no run of somebody else', async () => {
	const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/ws`, {
		headers: await bearer('eve')
	});
	await once(socket, 'open');
	const said: unknown[] = [];
	for (const run_id of [hers.runId, unknown.runId]) {
		socket.send(JSON.stringify({ resume: { run_id, after: 0 } }));
		const [data] = (await once(socket, 'message')) as [Buffer];
		said.push(JSON.parse(data.toString()));
	}
	expect(said[0]).toMatchObject({ Error: { code: 'unknown-run' } });
	expect(said[0]).toEqual(said[1]);
	socket.close();
});

test('the same conversation id and the same key are another’s own', async () => {
	const key = { 'idempotency-key': 'shared' };
	const sent = (text: string) => ({
		id: 'diary',
		messages: [{ id: 'q', role: 'user', parts: [{ type: 'text', text }] }]
	});
	const runs = new Set<string | null>();
	for (const user of ['ada', 'eve']) {
		const headers = { ...(await bearer(user)), ...key, 'content-type': 'application/json' };
		const body = JSON.stringify(sent(`1+1 for ${user}`));
		const response = await fetch(`${server.url}/api/chat`, { method: 'POST', headers, body });
		expect(response.status).toBe(200);
		await response.text();
		runs.add(response.headers.get('x-run-id'));
	}
	expect(runs.size).toBe(2);
	for (const user of ['ada', 'eve']) {
		const read = await fetch(`${server.url}/api/conversations/diary`, {
			headers: await bearer(user)
		});
		const text = await read.text();
		expect(text).toContain(`for ${user}`);
		expect(text).not.toContain(`for ${user === 'ada' ? 'eve' : 'ada'}`);
	}
});

test('an address written otherwise is not that user’s', async () => {
	const headers = { ...(await bearer('ada')), 'content-type': 'application/json' };
	const body = JSON.stringify({ message: 'hi' });
	for (const name of [
		'ADA',
		'ada%20',
		'ada%00',
		'ada%2F',
		'%2e%2fada',
		'ad%E1%BA%A1',
		'%EF%BD%81da',
		'user:ada',
		'local',
		'__proto__',
		'ada%2Fchat%2F..'
	]) {
		for (const path of ['', '/stream']) {
			const response = await fetch(`${server.url}/api/${name}/chat${path}`, {
				method: 'POST',
				headers,
				body
			});
			expect([name, response.status]).toEqual([name, 403]);
		}
	}
	expect(
		(await fetch(`${server.url}/api/%61da/chat`, { method: 'POST', headers, body })).status
	).toBe(200);
	expect(
		(await fetch(`${server.url}/api/%E0%A4%A/chat`, { method: 'POST', headers, body })).status
	).toBe(404);
});

const now = () => Math.floor(Date.now() / 1000);
const forged: Record<string, () => string | Promise<string>> = {
	'without an algorithm': () => `${part({ alg: 'none' })}.${part(good)}.`,
	'with the algorithm NONE': () => `${part({ alg: 'NoNe' })}.${part(good)}.`,
	'signed with the public key as a secret': () => hmac({ alg: 'HS256' }, good, pem),
	'signed with the public key without its last line break': () =>
		hmac({ alg: 'HS256' }, good, pem.trim()),
	'signed with nothing': () => hmac({ alg: 'HS256' }, good, ''),
	'with a crit that nobody knows': () => hmac({ alg: 'HS256', crit: ['x'], x: 1 }, good, SECRET),
	'with a b64 that is not': () => hmac({ alg: 'HS256', crit: ['b64'], b64: false }, good, SECRET),
	'with a key of its own': () =>
		hmac({ alg: 'HS256', jwk: { kty: 'oct', k: 'AA' } }, good, Buffer.from('AA', 'base64url')),
	'with a kid that is a file': () => hmac({ alg: 'HS256', kid: '../../../../dev/null' }, good, ''),
	'without a sub': () => hmac({ alg: 'HS256' }, { ...good, sub: undefined }, SECRET),
	'with a list as its sub': () => hmac({ alg: 'HS256' }, { ...good, sub: ['ada'] }, SECRET),
	'that is not valid yet': () => hmac({ alg: 'HS256' }, { ...good, nbf: now() + 120 }, SECRET),
	'that has expired': () => hmac({ alg: 'HS256' }, { ...good, exp: now() - 60 }, SECRET),
	'whose exp is text': () => hmac({ alg: 'HS256' }, { ...good, exp: '9999999999' }, SECRET),
	'of another issuer': () =>
		hmac({ alg: 'HS256' }, { ...good, iss: 'https://evil.example' }, SECRET),
	'for another audience': () => hmac({ alg: 'HS256' }, { ...good, aud: 'other' }, SECRET),
	'with two heads': () => hmac({ alg: 'HS256' }, good, SECRET).replace('.', `.${part(good)}.`),
	'whose end was cut': () => hmac({ alg: 'HS256' }, good, SECRET).slice(0, -4)
};

test.for(Object.entries(forged))('a token %s is refused on every door', async ([, forge]) => {
	const authorization = `Bearer ${await forge()}`;
	for (const { url } of [server, rsa]) {
		for (const [path, body] of [
			['/api/runs', { text: 'hi' }],
			['/api/ada/chat', { message: 'hi' }],
			['/api/ada/chat/stream', { message: 'hi' }],
			['/chat', { message: 'hi' }],
			['/api/agent/stream', { input: 'hi' }],
			['/api/ag-ui', {}],
			['/api/chatkit', {}],
			['/api/conversations', undefined],
			['/healthz', undefined],
			['/', undefined]
		] as const) {
			const response = await fetch(url + path, {
				method: body ? 'POST' : 'GET',
				headers: { authorization, 'content-type': 'application/json' },
				...(body && { body: JSON.stringify(body) })
			});
			expect([path, response.status]).toEqual([path, 401]);
		}
		const socket = new WebSocket(`${url.replace('http', 'ws')}/api/ws`, {
			headers: { authorization }
		});
		const [error] = (await once(socket, 'error')) as [Error];
		expect(error.message).toContain('401');
	}
});

test('the right tokens are let in by either key', async () => {
	const signed = new SignJWT({ iss: good.iss, aud: good.aud, sub: 'ada' });
	const token = await signed.setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
	for (const [{ url }, authorization] of [
		[server, (await bearer('ada')).authorization],
		[rsa, `Bearer ${token}`]
	] as const) {
		const list = await fetch(`${url}/api/conversations`, { headers: { authorization } });
		expect(list.status).toBe(200);
	}
});

async function knock(
	[method, path, body, cursor]: ReturnType<(typeof doors)[string]>,
	headers: object
) {
	const response = await fetch(server.url + path, {
		method,
		headers: {
			accept: 'text/event-stream',
			'content-type': 'application/json',
			...(cursor !== undefined && { 'last-event-id': cursor }),
			...headers
		},
		...(body && { body: JSON.stringify(body) })
	});
	return { status: response.status, body: await response.text() };
}

function part(value: object): string {
	return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function hmac(header: object, payload: object, secret: string | Buffer): string {
	const signed = `${part(header)}.${part(payload)}`;
	return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function bearer(user: string): Promise<{ authorization: string }> {
	return Promise.resolve({
		authorization: `Bearer ${hmac({ alg: 'HS256' }, { ...good, sub: user }, SECRET)}`
	});
}
