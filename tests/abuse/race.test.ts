import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ConversationView } from '#lib/protocol/conversations.ts';
import { ask, follow } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';

let upstream: Upstream;
let server: TestServer;

beforeAll(async () => {
	const text = Array.from({ length: 4000 }, (_, index) => `word${String(index)} `);
	upstream = await startUpstream({ reply: { steps: [{ text }], rate: 100 } });
	server = await startServer({ OPENAI_BASE_URL: upstream.url });
});
afterAll(() => Promise.all([server.remove(), upstream.stop()]));

const fifty = <T>(task: (index: number) => Promise<T>): Promise<T[]> =>
	Promise.all(Array.from({ length: 50 }, (_, index) => task(index)));

test('stopped fifty times at once, over HTTP and a WebSocket: one end, and all are told it is well', async () => {
	const started = await ask(server.url, { text: 'hi' });
	const runId = started.headers.get('x-run-id') ?? '';
	const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/ws`);
	await once(socket, 'open');
	socket.send(JSON.stringify({ resume: { run_id: runId, after: 0 } }));
	await once(socket, 'message');
	for (let count = 0; count < 1000; count++) socket.send('{"stop":true}');
	const stops = await fifty(() => send('POST', `/api/runs/${runId}/stop`, {}));
	expect(new Set(stops.map(({ status }) => status))).toEqual(new Set([202]));
	await started.text();

	const log = await follow(server.url, runId);
	expect(log.filter(({ type }) => /^run-e/.test(type))).toMatchObject([{ reason: 'stopped' }]);
	expect(log.at(-1)?.type).toBe('run-end');
	expect((await send('POST', `/api/runs/${runId}/stop`, {})).status).toBe(202);
	expect(await follow(server.url, runId)).toEqual(log);
	socket.close();
});

test('fifty tabs ask in one conversation at once: one is answered, of the others nothing is stored', async () => {
	const sent = (index: number) => ({
		id: 'tabs',
		messages: [{ id: `q${index}`, role: 'user', parts: [{ type: 'text', text: `hi ${index}` }] }]
	});
	const answers = await fifty((index) => send('POST', '/api/chat', sent(index)));
	const begun = answers.filter(({ status }) => status === 200);
	expect(begun).toHaveLength(1);
	for (const response of answers.filter((answer) => answer !== begun[0])) {
		expect(response.status).toBe(409);
		expect(await response.json()).toMatchObject({ error: { code: 'conversation-busy' } });
	}
	expect((await conversation('tabs')).messages.map(({ role }) => role)).toEqual([
		'user',
		'assistant'
	]);
	await stop(begun[0]!);
});

test('a conversation that is being answered is neither deleted, edited nor asked again', async () => {
	const first = await ask(server.url, { text: 'hi' });
	const runId = first.headers.get('x-run-id') ?? '';
	const view = (await (await send('GET', `/api/runs/${runId}`)).json()) as Record<string, string>;
	const { conversationId = '', messageId } = view;
	const before = (await conversation(conversationId)).messages.map(({ id }) => id);
	const asks: [string, string, object][] = [
		['DELETE', `/api/conversations/${conversationId}`, {}],
		['POST', '/api/runs', { conversationId, text: 'more' }],
		['POST', '/api/runs', { conversationId, text: 'edited', parentId: null }],
		['POST', '/api/runs', { conversationId, parentId: messageId }]
	];
	const answers = await fifty((index) => send(...asks[index % asks.length]!));
	expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([409]));
	expect((await conversation(conversationId)).messages.map(({ id }) => id)).toEqual(before);

	await stop(first);
	const ends = await fifty(() => send('DELETE', `/api/conversations/${conversationId}`, {}));
	expect(ends.map(({ status }) => status).sort()).toEqual([204, ...Array<number>(49).fill(404)]);
	expect((await send('GET', `/api/runs/${runId}/events`)).status).toBe(404);
});

test('deleted and asked in at once: either the question is answered or it was never there', async () => {
	for (let round = 0; round < 10; round++) {
		const id = `round-${round}`;
		await stop(await send('POST', '/api/chat', question(id)));
		const [deleted, asked] = await Promise.all([
			send('DELETE', `/api/conversations/${id}`, {}),
			ask(server.url, { text: 'more', conversationId: id })
		]);
		expect(['204 404', '409 200']).toContain(`${deleted.status} ${asked.status}`);
		if (asked.status === 200) await stop(asked);
		const left = await send('GET', `/api/conversations/${id}`);
		expect(left.status).toBe(asked.status === 200 ? 200 : 404);
	}
});

function question(id: string) {
	return { id, messages: [{ id: 'q', role: 'user', parts: [{ type: 'text', text: 'hi' }] }] };
}

async function stop(started: Response): Promise<void> {
	await send('POST', `/api/runs/${started.headers.get('x-run-id') ?? ''}/stop`, {});
	await started.text();
}

async function conversation(id: string): Promise<ConversationView> {
	return (await (await send('GET', `/api/conversations/${id}`)).json()) as ConversationView;
}

function send(method: string, path: string, body?: object): Promise<Response> {
	const headers = { 'content-type': 'application/json' };
	return fetch(server.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
}
