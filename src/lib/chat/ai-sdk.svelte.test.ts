import { expect, test } from 'vitest';
import type { ConversationView } from '#lib/protocol/conversations.ts';
import type { RunEvent } from '#lib/protocol/events.ts';
import { textOf, type Message } from '#lib/protocol/messages.ts';
import { encodeRun } from '#lib/wire/encode-run.ts';
import { uiMessage } from '#lib/wire/ui-message.ts';
import { ChatConversation } from './ai-sdk.svelte.ts';
import { impatient, ScriptedServer, settle } from './scripted.ts';
import { Unreachable } from './server.ts';

test('a question is answered in one message, with its tools and its thoughts', async () => {
	const { server, conversation } = begin();
	const sent = conversation.send('12*7+1?');
	expect(conversation.status).toBe('waiting');
	expect(texts(conversation)).toEqual(['12*7+1?']);
	expect(await sent).toBe(true);

	server.run.start();
	server.run.say(...answer);
	server.run.end();
	await conversation.settled();
	expect(conversation.status).toBe('idle');
	expect(conversation.messages).toHaveLength(2);
	expect(conversation.messages[1]).toMatchObject({
		...{ id: 'reply-run-1', role: 'assistant', runId: 'run-1', agent: 'test', status: 'done' },
		parts: [
			{ type: 'reasoning', text: 'Easy.', closed: true },
			{
				type: 'tool',
				name: 'calculate',
				state: 'done',
				input: { expression: '12*7+1' },
				output: 85
			},
			{ type: 'tool', name: 'broken', state: 'failed', message: 'It broke.' },
			{ type: 'text', text: 'It is 85.', closed: true }
		]
	});
});

test('only the newest question goes over the network, with a key', async () => {
	const { requests, conversation, server } = begin();
	await ask(server, conversation, 'One');
	await ask(server, conversation, 'Two');
	expect(requests[1]).toMatchObject({ method: 'POST', path: '/api/chat' });
	expect(requests[1]?.body).toMatchObject({
		id: 'c1',
		trigger: 'submit-message',
		messages: [{ role: 'user', parts: [{ type: 'text', text: 'Two' }] }]
	});
	expect(new Set(requests.map(({ key }) => key)).size).toBe(2);
});

test('nothing is sent while an answer is under way', async () => {
	const { server, conversation } = begin();
	void conversation.send('One');
	expect(await conversation.send('Two')).toBe(false);
	expect(await conversation.retry()).toBe(false);
	await settle();
	server.run.start();
	expect(await conversation.send('Three')).toBe(false);
	expect(server.runs).toHaveLength(1);
	expect(texts(conversation)[0]).toBe('One');
});

test('stop ends the run on the server, and the answer is shown as stopped', async () => {
	const { server, conversation } = begin();
	await conversation.send('Hi');
	server.run.start();
	server.run.text('Half an ans');
	await expect.poll(() => texts(conversation)).toEqual(['Hi', 'Half an ans']);
	expect(conversation.status).toBe('streaming');
	await conversation.stop();
	expect(server.stopped).toEqual(['run-1']);
	server.run.end('stopped');
	await conversation.settled();
	expect(conversation.messages[1]).toMatchObject({ status: 'stopped' });
	expect(texts(conversation)).toEqual(['Hi', 'Half an ans']);
});

test('stop may be pressed before the run is known', async () => {
	const { server, conversation } = begin();
	void conversation.send('Hi');
	await conversation.stop();
	await expect.poll(() => server.runs.length).toBe(1);
	server.run.start();
	await expect.poll(() => server.stopped).toEqual(['run-1']);
});

test('an answer that reached its limit says so', async () => {
	const { server, conversation } = begin();
	await conversation.send('Hi');
	server.run.start();
	server.run.end('limit');
	await conversation.settled();
	expect(conversation.messages[1]).toMatchObject({ status: 'limit' });
});

test('an answer that failed carries its reason, and the next question can be asked', async () => {
	const { server, conversation } = begin();
	await conversation.send('Hi');
	server.run.start();
	server.run.over = true;
	const message = 'The model failed.';
	server.run.say({
		type: 'run-error',
		code: 'model-failed',
		message,
		retryable: true,
		durationMs: 1
	});
	await conversation.settled();
	expect(conversation.messages[1]).toMatchObject({
		status: 'failed',
		failure: { code: 'model-failed', message, retryable: true }
	});
	expect(conversation.failure).toBeUndefined();
	await ask(server, conversation, 'Again');
	expect(conversation.messages).toHaveLength(4);
});

test('regenerating puts a new answer in the place of the old one', async () => {
	const { server, conversation, requests } = begin();
	await ask(server, conversation, 'Hi', 'Hello');
	expect(await conversation.retry()).toBe(true);
	server.run.start();
	server.run.text('Good day');
	server.run.end();
	await conversation.settled();
	expect(texts(conversation)).toEqual(['Hi', 'Good day']);
	expect(conversation.messages[1]?.id).toBe('reply-run-2');
	expect(requests[1]?.body).toMatchObject({
		trigger: 'regenerate-message',
		messageId: 'reply-run-1'
	});
});

test('after a reload the answer under way goes on in the same message, never twice', async () => {
	const server = new ScriptedServer();
	server.begin('run-1').start();
	server.run.text('one ');
	server.view = view([user('Count'), reply('run-1', 'running', 'one ')], 'run-1');
	const { conversation } = begin(server);
	expect(texts(conversation)).toEqual(['Count']);
	conversation.resume();
	await expect.poll(() => texts(conversation)).toEqual(['Count', 'one ']);
	server.run.text('two');
	server.run.end();
	await conversation.settled();
	expect(texts(conversation)).toEqual(['Count', 'one \n\ntwo']);
	expect(conversation.messages[1]).toMatchObject({ id: 'reply-run-1', status: 'done' });
});

test('an answer that ended between loading and resuming is shown whole', async () => {
	const server = new ScriptedServer();
	server.begin('run-1').start();
	server.view = view([user('Count'), reply('run-1', 'running')], 'run-1');
	const { conversation } = begin(server);
	server.run.end();
	server.view = view([user('Count'), reply('run-1', 'done', 'one two')]);
	conversation.resume();
	await conversation.settled();
	expect(texts(conversation)).toEqual(['Count', 'one two']);
});

test('a cut in the middle is caught up, in the same message', async () => {
	const { server, conversation } = begin();
	await conversation.send('Hi');
	server.run.start();
	server.run.text('before');
	await expect.poll(() => texts(conversation)).toEqual(['Hi', 'before']);
	server.view = view([], 'run-1');
	server.run.cut();
	await settle();
	server.run.text('after');
	server.run.end();
	await expect.poll(() => texts(conversation)).toEqual(['Hi', 'before\n\nafter']);
	await conversation.settled();
	expect(conversation.messages).toHaveLength(2);
	expect(conversation.failure).toBeUndefined();
});

test('a cut in the end is mended from the stored conversation', async () => {
	const { server, conversation } = begin();
	await conversation.send('Hi');
	server.run.start();
	server.run.text('before');
	await expect.poll(() => texts(conversation)).toEqual(['Hi', 'before']);
	server.view = view([user('Hi'), reply('run-1', 'done', 'before and after')]);
	server.run.cut();
	await conversation.settled();
	expect(texts(conversation)).toEqual(['Hi', 'before and after']);
});

test('while the server is away it is looked for, until it is back', async () => {
	const { server, conversation, requests, busy } = begin();
	await conversation.send('Hi');
	server.run.start();
	server.run.text('before');
	await expect.poll(() => texts(conversation)).toEqual(['Hi', 'before']);
	server.view = view([user('Hi'), reply('run-1', 'done', 'before and after')]);
	busy.away = true;
	server.run.cut();
	await expect.poll(() => requests.length).toBeGreaterThan(3);
	expect(conversation.status).toBe('lost');
	expect(texts(conversation)).toEqual(['Hi', 'before']);
	busy.away = false;
	await conversation.settled();
	expect(texts(conversation)).toEqual(['Hi', 'before and after']);
});

test('a question that did not get through is sent again with its key', async () => {
	const { server, conversation, requests } = begin();
	server.refusals.push(new Unreachable('gone'));
	expect(await conversation.send('Hi')).toBe(true);
	expect(new Set(requests.map(({ key }) => key)).size).toBe(1);
	expect(server.runs).toHaveLength(1);
	expect(texts(conversation)).toEqual(['Hi']);
});

test('a question that cannot be brought to the server is given back', async () => {
	const { server, conversation } = begin();
	for (let time = 0; time < 6; time++) server.refusals.push(new Unreachable('gone'));
	expect(await conversation.send('Hi')).toBe(false);
	await conversation.settled();
	expect(conversation.messages).toEqual([]);
	expect(conversation.failure).toMatchObject({ code: 'unreachable' });
	expect(conversation.busy).toBe(false);
});

test('when another answer is under way the text is given back, and that answer is shown', async () => {
	const { server, conversation, busy } = begin();
	await ask(server, conversation, 'Hi', 'Hello');
	const run = server.begin('run-2');
	run.start();
	server.view = view(
		[user('Hi'), reply('run-1', 'done', 'Hello'), user('Two'), reply('run-2', 'running')],
		'run-2'
	);
	busy.now = true;
	expect(await conversation.send('Three')).toBe(false);
	run.text('elsewhere');
	await expect.poll(() => texts(conversation)).toEqual(['Hi', 'Hello', 'Two', 'elsewhere']);
	expect(conversation.failure?.code).toBe('conversation-busy');
	run.end();
	await conversation.settled();
	expect(conversation.messages).toHaveLength(4);
});

test('when regenerating is refused, the old answer is back', async () => {
	const { server, conversation, busy } = begin();
	await ask(server, conversation, 'Hi', 'Hello');
	server.view = view([user('Hi'), reply('run-1', 'done', 'Hello')]);
	busy.now = true;
	expect(await conversation.retry()).toBe(false);
	await conversation.settled();
	expect(texts(conversation)).toEqual(['Hi', 'Hello']);
});

test('leaving stops listening, not the run; coming back shows the answer once', async () => {
	const { server, conversation } = begin();
	await conversation.send('Hi');
	server.run.start();
	server.run.text('one ');
	await expect.poll(() => texts(conversation)).toEqual(['Hi', 'one ']);
	conversation.leave();
	await conversation.settled();
	expect(server.stopped).toEqual([]);
	expect(conversation.busy).toBe(false);

	server.view = view([], 'run-1');
	server.run.text('two');
	conversation.resume();
	await expect.poll(() => texts(conversation)).toEqual(['Hi', 'one \n\ntwo']);
});

test('a thousand deltas cost few renders, and finished messages none', async () => {
	const { server, conversation } = begin();
	await ask(server, conversation, 'Hi', 'Hello');
	const finished = conversation.messages[1];
	await conversation.send('Long?');
	server.run.start();
	let renders = 0;
	const stop = $effect.root(() => {
		$effect(() => {
			conversation.messages.at(-1);
			renders++;
		});
	});
	server.run.text(...Array.from({ length: 1000 }, () => 'w '));
	server.run.end();
	await conversation.settled();
	stop();
	expect(textOf(conversation.messages[3] as Message)).toBe('w '.repeat(1000));
	expect(renders).toBeLessThan(60);
	expect(conversation.messages[1]).toBe(finished);
});

const answer: RunEvent[] = [
	{ type: 'turn-start', turn: 1 },
	{ type: 'reasoning-start', partId: 'r' },
	{ type: 'reasoning-delta', partId: 'r', delta: 'Easy.' },
	{ type: 'reasoning-end', partId: 'r' },
	{ type: 'tool-start', callId: 'c', name: 'calculate' },
	{ type: 'tool-input-delta', callId: 'c', delta: '{"expression":' },
	{ type: 'tool-input', callId: 'c', name: 'calculate', input: { expression: '12*7+1' } },
	{ type: 'tool-start', callId: 'd', name: 'broken' },
	{ type: 'tool-input', callId: 'd', name: 'broken', input: {} },
	{ type: 'tool-error', callId: 'd', name: 'broken', message: 'It broke.', durationMs: 1 },
	{ type: 'tool-end', callId: 'c', name: 'calculate', output: 85, durationMs: 2 },
	{ type: 'turn-end', turn: 1 },
	{ type: 'turn-start', turn: 2 },
	{ type: 'text-start', partId: 't' },
	{ type: 'text-delta', partId: 't', delta: 'It is ' },
	{ type: 'text-delta', partId: 't', delta: '85.' },
	{ type: 'text-end', partId: 't' },
	{ type: 'turn-end', turn: 2 }
];

/** A conversation in the AI SDK's own `Chat`, over the server's own wire, without a network. */
function begin(server = new ScriptedServer()) {
	const requests: { method: string; path: string; key: string; body: unknown }[] = [];
	const busy = { now: false, away: false };

	const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
		const [path, method] = [input as string, init?.method ?? 'GET'];
		const key = new Headers(init?.headers).get('idempotency-key') ?? '';
		const signal = init?.signal ?? new AbortController().signal;
		const body: unknown = init?.body ? JSON.parse(init.body as string) : undefined;
		requests.push({ method, path, key, body });
		if (busy.away) throw new TypeError('Failed to fetch');
		if (method === 'POST' && busy.now) {
			const error = { code: 'conversation-busy', message: 'Wait for the answer.' };
			return Response.json({ error }, { status: 409 });
		}
		if (method === 'POST') return respond(await server.start({}, key, { signal }), server.run.id);
		const open = server.view?.runs[0];
		const stream = open && (await server.follow(open.id, 0, { signal }));
		return open && stream ? respond(stream, open.id) : nothing();
	};

	const surroundings = impatient;
	const conversation = new ChatConversation('c1', server, {
		view: server.view,
		fetch,
		surroundings
	});
	return { server, conversation, requests, busy };
}

/** A 204 as Chromium gives it from a network: with a body, though it takes none in a constructor. */
function nothing(): Response {
	const body = new ReadableStream({
		start(controller) {
			controller.close();
		}
	});
	return Object.defineProperty(new Response(null, { status: 204 }), 'body', { value: body });
}

function respond(stream: Parameters<typeof encodeRun>[1], runId: string): Response {
	const blocks = encodeRun(runId, stream, uiMessage);
	const body = new ReadableStream<string>({
		async pull(controller) {
			const result = await blocks.next();
			if (result.done) controller.close();
			else controller.enqueue(result.value);
		},
		async cancel() {
			await blocks.return(undefined);
		}
	});
	return new Response(body.pipeThrough(new TextEncoderStream()));
}

async function ask(
	server: ScriptedServer,
	conversation: ChatConversation,
	question: string,
	text = 'Yes'
) {
	await conversation.send(question);
	server.run.start();
	server.run.text(text);
	server.run.end();
	await conversation.settled();
}

function texts(conversation: ChatConversation): string[] {
	return conversation.messages.map(textOf);
}

function view(messages: Message[], openRun?: string): ConversationView {
	const runs = openRun === undefined ? [] : [{ id: openRun, status: 'running' as const }];
	return { id: 'c1', title: 'Test', createdAt: 0, updatedAt: 0, messages, runs };
}

function user(text: string): Message {
	return { id: `q-${text}`, role: 'user', createdAt: 0, parts: [part(text)] };
}

function reply(runId: string, status: 'running' | 'done', ...said: string[]): Message {
	const base = { id: `reply-${runId}`, role: 'assistant' as const, runId, agent: 'a', model: 'm' };
	return { ...base, seq: 1, status, parts: said.map(part) };
}

function part(text: string) {
	return { type: 'text' as const, id: 'text-1', seq: 2, text, closed: true };
}
