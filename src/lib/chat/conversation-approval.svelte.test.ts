import { expect, test } from 'vitest';
import type { RunEvent } from '#lib/protocol/events.ts';
import { fold } from '#lib/protocol/fold.ts';
import type { Message } from '#lib/protocol/messages.ts';
import { Conversation } from './conversation.svelte.ts';
import { impatient, numbered, ScriptedServer, settle } from './scripted.ts';
import { Refused, Unreachable } from './server.ts';

const asking: RunEvent[] = [
	{ type: 'tool-start', callId: 'c', name: 'save_note' },
	{ type: 'tool-input', callId: 'c', name: 'save_note', input: { text: 'milk' } },
	{ type: 'approval-request', approvalId: 'p', callId: 'c' },
	{ type: 'run-pause', reason: 'approval' }
];
const allowed: RunEvent[] = [
	{ type: 'approval-response', approvalId: 'p', callId: 'c', approved: true },
	{ type: 'tool-end', callId: 'c', name: 'save_note', output: 'saved', durationMs: 1 }
];

test('a reply that asks is under way until it is decided, and goes on in its message', async () => {
	const { server, conversation } = await waiting();
	expect(conversation.busy).toBe(true);
	expect(conversation.messages[1]).toMatchObject({
		status: 'paused',
		parts: [{ state: 'asking', approval: { id: 'p' } }]
	});
	expect(await conversation.send('More')).toBe(false);

	expect(await conversation.answer('p', true)).toBe(true);
	expect(server.decided).toEqual([
		{ runId: 'run-1', approvalId: 'p', decision: { approved: true } }
	]);
	server.run.say(...allowed);
	server.run.end();
	await conversation.settled();
	expect(conversation.messages).toHaveLength(2);
	expect(conversation.messages[1]).toMatchObject({ status: 'done', parts: [{ state: 'done' }] });
	expect(conversation.busy).toBe(false);
});

test('a decision is insisted on while the server is away', async () => {
	const { server, conversation } = await waiting();
	server.refusals.push(new Unreachable('Away.'), new Refused(503, 'shutting-down', 'Wait.'));
	expect(await conversation.answer('p', false)).toBe(true);
	expect(server.decided).toHaveLength(3);
	expect(conversation.failure).toBeUndefined();
});

test('what somebody else decided stands, and the reply tells it', async () => {
	const { server, conversation } = await waiting();
	server.refusals.push(new Refused(409, 'approval-answered', 'That was decided before.'));
	expect(await conversation.answer('p', false)).toBe(true);
	expect(conversation.failure).toBeUndefined();

	server.run.say(...allowed);
	server.run.end();
	await conversation.settled();
	expect(conversation.messages[1]).toMatchObject({ parts: [{ approval: { approved: true } }] });
});

test('a decision that the server does not take is said to be none', async () => {
	const { server, conversation } = await waiting();
	server.refusals.push(new Refused(404, 'unknown-approval', 'Nothing was asked.'));
	expect(await conversation.answer('p', true)).toBe(false);
	expect(conversation.failure).toMatchObject({ code: 'unknown-approval' });
	expect(conversation.messages[1]).toMatchObject({ parts: [{ state: 'asking' }] });
});

test('a page that is loaded while a reply waits can decide, and hears the rest', async () => {
	const { server } = await waiting();
	const messages: Message[] = [];
	for (const event of numbered([start, ...asking])) fold(messages, event);
	server.view = {
		...{ id: 'c1', title: 'Test', createdAt: 0, updatedAt: 0, messages },
		runs: [{ id: 'run-1', status: 'paused' }]
	};
	const late = new Conversation(server, await server.conversation(), impatient);
	late.resume();
	expect(late.busy).toBe(true);

	expect(await late.answer('p', true)).toBe(true);
	server.run.say(...allowed);
	server.run.end();
	await late.settled();
	expect(late.messages).toMatchObject([{ status: 'done', parts: [{ state: 'done' }] }]);
});

const start: RunEvent = {
	...{ type: 'run-start', runId: 'run-1', conversationId: 'c1', messageId: 'reply-run-1' },
	...{ agent: 'test', model: 'test' }
};

/** A conversation whose reply asks for something. */
async function waiting() {
	const server = new ScriptedServer();
	const conversation = new Conversation(server, undefined, impatient);
	const sent = conversation.send('Save it');
	await settle();
	server.run.start();
	server.run.say(...asking);
	await sent;
	await expect.poll(() => conversation.messages[1]).toMatchObject({ status: 'paused' });
	return { server, conversation };
}
