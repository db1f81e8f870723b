import { afterEach, expect, test } from 'vitest';
import type { Numbered } from '#lib/protocol/events.ts';
import type { ConversationView } from '#lib/protocol/conversations.ts';
import { fold } from '#lib/protocol/fold.ts';
import { textOf as textOfMessage, type Message } from '#lib/protocol/messages.ts';
import { ask, eventsOf, follow, textOf } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';

let server: TestServer;

afterEach(() => server.remove());

test.for([1, 3, 40, 400])(
	'kill -9 after %i characters were seen: everything any client saw is in the message',
	async (enough) => {
		server = await startServer();
		const seen: Numbered[] = [];
		for await (const event of eventsOf(await ask(server.url, { text: 'write 600 words' }))) {
			seen.push(event);
			if (textOf(seen).length >= enough) await server.kill('SIGKILL');
		}
		const [start] = seen;
		if (start?.type !== 'run-start') throw new Error('no start was seen');

		await server.restart();
		const log = await follow(server.url, start.runId);
		expect(log.slice(0, seen.length)).toEqual(seen);
		expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
		expect(log.filter(({ type }) => /^run-e/.test(type))).toMatchObject([
			{ type: 'run-error', code: 'interrupted', retryable: true }
		]);

		const { messages, runs } = await conversation(start.conversationId);
		expect(runs).toEqual([]);
		expect(messages[0]).toMatchObject({ role: 'user', parts: [{ text: 'write 600 words' }] });
		expect(textOfMessage(messages[1]!)).toBe(textOf(log));
		expect(messages[1]).toMatchObject({ status: 'failed', failure: { code: 'interrupted' } });
		expect(withoutTimes(messages[1]!)).toEqual(withoutTimes(folded(log)));
	}
);

test('kill -9 right after a start was acknowledged keeps the question, and asking again works', async () => {
	server = await startServer();
	const response = await ask(server.url, { text: 'write 600 words' });
	await server.kill('SIGKILL');
	await response.text().catch(() => undefined);
	await server.restart();

	const { conversations } = (await (await fetch(`${server.url}/api/conversations`)).json()) as {
		conversations: { id: string }[];
	};
	expect(conversations).toHaveLength(1);
	const conversationId = conversations[0]!.id;
	const again: Numbered[] = [];
	for await (const event of eventsOf(await ask(server.url, { conversationId }))) {
		again.push(event);
		if (event.type === 'text-delta') break;
	}
	expect(again.map(({ type }) => type)).toContain('text-delta');
	const { messages } = await conversation(conversationId);
	expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
});

test('SIGTERM ends runs as interrupted, lets their readers go, and leaves within its grace', async () => {
	server = await startServer();
	const seen: Numbered[] = [];
	let gone: Promise<void> | undefined;
	for await (const event of eventsOf(await ask(server.url, { text: 'write 600 words' }))) {
		seen.push(event);
		if (event.type === 'text-delta') gone ??= server.kill('SIGTERM');
	}
	await gone;
	expect(seen.at(-1)).toMatchObject({ type: 'run-error', code: 'interrupted' });

	await server.restart();
	const [start] = seen;
	const runId = start?.type === 'run-start' ? start.runId : '';
	expect(await follow(server.url, runId)).toEqual(seen);
});

test('a start that is repeated after a crash with the same key gives the same run', async () => {
	server = await startServer();
	const headers = { 'idempotency-key': 'key-1' };
	const question = { text: 'write 600 words' };
	let first = '';
	for await (const event of eventsOf(await ask(server.url, question, headers))) {
		if (event.type === 'run-start') first = event.runId;
		if (event.type === 'text-delta') await server.kill('SIGKILL');
	}
	await server.restart();
	for await (const event of eventsOf(await ask(server.url, question, headers))) {
		if (event.type === 'run-start') expect(event.runId).toBe(first);
	}
	const other = await ask(server.url, { text: 'another' }, headers);
	expect(other.status).toBe(422);
});

async function conversation(id: string): Promise<ConversationView> {
	return (await (await fetch(`${server.url}/api/conversations/${id}`)).json()) as ConversationView;
}

function folded(events: Numbered[]): Message {
	const messages: Message[] = [];
	for (const event of events) fold(messages, event);
	return messages[0]!;
}

function withoutTimes(message: Message): unknown {
	return JSON.parse(JSON.stringify({ ...message, createdAt: 0, parentId: '' }));
}
