import { expect, test } from 'vitest';
import type { RunEvent } from '#lib/protocol/events.ts';
import { fold } from '#lib/protocol/fold.ts';
import type { Message } from '#lib/protocol/messages.ts';
import { formatFrame } from '#lib/wire/sse.ts';
import { uiMessage } from '#lib/wire/ui-message.ts';
import { ChatConversation } from './ai-sdk.svelte.ts';
import { impatient, numbered, ScriptedServer } from './scripted.ts';

const start: RunEvent = {
	...{ type: 'run-start', runId: 'run-1', conversationId: 'c1', messageId: 'm1' },
	...{ agent: 'test', model: 'test' }
};
const asking: RunEvent[] = [
	start,
	{ type: 'turn-start', turn: 1 },
	...tool('one'),
	...tool('two'),
	{ type: 'turn-end', turn: 1 },
	{ type: 'approval-request', approvalId: 'p-one', callId: 'one' },
	{ type: 'approval-request', approvalId: 'p-two', callId: 'two' },
	{ type: 'run-pause', reason: 'approval' }
];
const rest: RunEvent[] = [
	{ type: 'approval-response', approvalId: 'p-one', callId: 'one', approved: true },
	{ type: 'approval-response', approvalId: 'p-two', callId: 'two', approved: false },
	{ type: 'tool-denied', callId: 'two' },
	{ type: 'tool-end', callId: 'one', name: 'save', output: 'saved', durationMs: 1 },
	{ type: 'turn-start', turn: 2 },
	{ type: 'text-start', partId: 't' },
	{ type: 'text-delta', partId: 't', delta: 'Done.' },
	{ type: 'text-end', partId: 't' },
	{ type: 'turn-end', turn: 2 },
	{
		...{ type: 'run-end', reason: 'done', durationMs: 5 },
		usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 }
	}
];

test('a reply that asks keeps the conversation busy, and goes on when all is decided', async () => {
	const { conversation, requests } = begin();
	await ask(conversation);
	expect(conversation.busy).toBe(true);
	expect(conversation.status).toBe('idle');
	expect(conversation.messages[1]).toMatchObject({
		status: 'paused',
		parts: [
			{ state: 'asking', approval: { id: 'p-one' } },
			{ state: 'asking', approval: { id: 'p-two' } }
		]
	});
	expect(await conversation.send('More')).toBe(false);

	expect(await conversation.answer('p-two', false)).toBe(true);
	expect(conversation.messages[1]).toMatchObject({
		parts: [{ state: 'asking' }, { state: 'denied' }]
	});
	expect(requests).toHaveLength(1);

	expect(await conversation.answer('p-one', true)).toBe(true);
	await conversation.settled();
	expect(requests[1]).toMatchObject({ id: 'c1', messages: [{ id: 'm1', role: 'assistant' }] });
	expect(conversation.messages).toHaveLength(2);
	expect(conversation.messages[1]).toMatchObject({
		...{ id: 'm1', status: 'done' },
		parts: [{ state: 'done' }, { state: 'denied' }, { type: 'text', text: 'Done.' }]
	});
	expect(conversation.busy).toBe(false);
});

test('a page that is loaded while a reply waits can decide the rest', async () => {
	const { server, conversation, requests } = begin([asking, rest.slice(0, 1)].flat());
	conversation.resume();
	expect(conversation.busy).toBe(true);
	expect(requests).toEqual([]);

	expect(await conversation.answer('p-two', false)).toBe(true);
	await conversation.settled();
	expect(requests).toMatchObject([{ messages: [{ role: 'assistant' }] }]);
	expect(conversation.messages.at(-1)).toMatchObject({ status: 'done' });
	expect(server.decided).toEqual([]);
});

test('a decision that came too late is taken back, and what stands is shown', async () => {
	const { server, conversation, refuse } = begin();
	await ask(conversation);
	await conversation.answer('p-two', true);
	server.view = viewOf([...asking, ...rest]);
	refuse();
	expect(await conversation.answer('p-one', true)).toBe(false);
	await conversation.settled();
	expect(conversation.failure).toMatchObject({ code: 'approval-answered' });
	expect(conversation.messages.at(-1)).toMatchObject({
		status: 'done',
		parts: [{}, { state: 'denied' }, {}]
	});
	expect(conversation.busy).toBe(false);
});

test('a reply that waits can be stopped', async () => {
	const { server, conversation } = begin();
	await ask(conversation);
	server.view = viewOf([...asking, { ...rest.at(-1), reason: 'stopped' } as RunEvent]);
	await conversation.stop();
	expect(server.stopped).toEqual(['run-1']);
	expect(conversation.messages.at(-1)).toMatchObject({ status: 'stopped' });
	expect(conversation.busy).toBe(false);
});

/** A conversation over the server's own wire, without a network; `loaded` is what was said before. */
function begin(loaded?: RunEvent[]) {
	const server = new ScriptedServer();
	const requests: { id: string; messages: { id: string; role: string }[] }[] = [];
	let refused = false;
	const fetch = (_input: RequestInfo | URL, init?: RequestInit) => {
		if (init?.method !== 'POST') return Promise.resolve(new Response('', { status: 404 }));
		const body = JSON.parse(init.body as string) as (typeof requests)[0];
		requests.push(body);
		const error = { code: 'approval-answered', message: 'That was decided before.' };
		if (refused) return Promise.resolve(Response.json({ error }, { status: 409 }));
		const goesOn = body.messages.at(-1)?.role === 'assistant';
		return Promise.resolve(new Response(told(goesOn ? [start, ...rest] : asking)));
	};
	const view = loaded && viewOf(loaded);
	const conversation = new ChatConversation('c1', server, { view, fetch, surroundings: impatient });
	const refuse = () => {
		refused = true;
	};
	return { server, conversation, requests, refuse };
}

async function ask(conversation: ChatConversation): Promise<void> {
	await conversation.send('Save two');
	await conversation.settled();
}

function viewOf(events: RunEvent[]) {
	const parts = [{ type: 'text' as const, id: 'text', seq: 0, text: 'Save two', closed: true }];
	const messages: Message[] = [{ id: 'q', role: 'user', createdAt: 0, parts }];
	for (const event of numbered(events)) fold(messages, event);
	const open = events.at(-1)?.type !== 'run-end';
	const runs = open ? [{ id: 'run-1', status: 'paused' as const }] : [];
	return { id: 'c1', title: 'Test', createdAt: 0, updatedAt: 0, messages, runs };
}

function tool(callId: string): RunEvent[] {
	return [
		{ type: 'tool-start', callId, name: 'save' },
		{ type: 'tool-input', callId, name: 'save', input: { text: callId } }
	];
}

function told(events: RunEvent[]): string {
	return numbered(events)
		.flatMap((event) => uiMessage.encode(event))
		.map(formatFrame)
		.join('');
}
