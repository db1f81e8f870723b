import { Chat } from '@ai-sdk/svelte';
import {
	DefaultChatTransport,
	lastAssistantMessageIsCompleteWithApprovalResponses,
	type DynamicToolUIPart,
	type UIMessage
} from 'ai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConversationView } from '#lib/protocol/conversations.ts';
import { startServer, type TestServer } from '../server.ts';

let server: TestServer;
beforeAll(async () => {
	server = await startServer();
});
afterAll(() => server.remove());

test.for([true, false])(
	'Chat asks a person (%s), and the same message goes on',
	async (approved) => {
		const chat = newChat();
		await chat.sendMessage({ text: 'Save a note: buy milk' });

		expect(chat.status).toBe('ready');
		expect(toolsOf(chat)).toMatchObject([
			{ toolName: 'save_note', state: 'approval-requested', input: { text: 'buy milk' } }
		]);
		await decide(chat, [approved]);

		expect(chat.error).toBeUndefined();
		expect(chat.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
		expect(toolsOf(chat)).toMatchObject([
			approved
				? { state: 'output-available', output: { saved: expect.any(String) as string } }
				: { state: 'output-denied', approval: { approved: false, reason: 'Because.' } }
		]);
		expect(textOf(chat.lastMessage)).toContain(approved ? 'It is saved' : 'It was not saved');
		await agreesWithServer(chat);
	}
);

test('Chat answers two at once, and sends them when both are decided', async () => {
	const chat = newChat();
	await chat.sendMessage({ text: 'Save a note: one. Save a note: two.' });
	await decide(chat, [false, true]);

	expect(chat.messages).toHaveLength(2);
	expect(toolsOf(chat).map(({ state }) => state)).toEqual(['output-denied', 'output-available']);
	await agreesWithServer(chat);
});

test('a page that loads meanwhile is told what waits, and can answer', async () => {
	const first = newChat();
	await first.sendMessage({ text: 'Save a note: buy milk' });
	const second = newChat(first.id, first.messages.slice(0, 1));
	await second.resumeStream();

	expect(second.status).toBe('ready');
	expect(second.messages.map(({ id }) => id)).toEqual(first.messages.map(({ id }) => id));
	expect(toolsOf(second)).toMatchObject([{ state: 'approval-requested' }]);
	await decide(second, [true]);
	await agreesWithServer(second);

	// the late answer of the first tab says the same, so it is told the rest
	await decide(first, [true]);
	expect(first.error).toBeUndefined();
	await agreesWithServer(first);
	const third = newChat(first.id, first.messages.slice(0, 1));
	await third.resumeStream();
	expect(third.messages).toHaveLength(1);
});

test('an answer that contradicts an earlier one is refused', async () => {
	const first = newChat();
	await first.sendMessage({ text: 'Save a note: buy milk' });
	const second = newChat(first.id, first.messages.slice(0, 1));
	await second.resumeStream();
	await decide(first, [false]);
	await decide(second, [true]);

	expect(second.error?.message).toContain('approval-answered');
	expect(toolsOf(first)).toMatchObject([{ state: 'output-denied' }]);
});

test('a page that answers one of two is told that the other still waits', async () => {
	const chat = newChat();
	await chat.sendMessage({ text: 'Save a note: one. Save a note: two.' });
	const [one, two] = toolsOf(chat).map(({ approval }) => approval!.id);
	const last = structuredClone(chat.lastMessage!);
	const part = last.parts.findLast((part) => part.type === 'dynamic-tool') as DynamicToolUIPart;
	Object.assign(part, { state: 'approval-responded', approval: { id: two, approved: true } });

	const response = await fetch(`${server.url}/api/chat`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ id: chat.id, messages: [last] })
	});
	const text = await response.text();
	expect(text).toContain(`"messageId":"${last.id}"`);
	expect(text).toContain('"finishReason":"tool-calls"');
	expect(text).toMatch(/data: \[DONE\]\nid: .*\n\n$/);

	const wrong = await answer(chat, one!, { approved: 'yes' });
	expect(wrong.status).toBe(422);
	expect((await answer(chat, one!, { approved: true })).status).toBe(200);
	expect((await answer(chat, one!, { approved: true })).status).toBe(409);
	expect((await answer(chat, 'nothing', { approved: true })).status).toBe(404);
});

function newChat(id: string = crypto.randomUUID(), messages: UIMessage[] = []): Chat {
	return new Chat({
		id,
		messages,
		transport: new DefaultChatTransport({ api: `${server.url}/api/chat` }),
		sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses
	});
}

/** Decides what the last message asks, in order, and waits for what comes of it. */
async function decide(chat: Chat, answers: boolean[]): Promise<void> {
	for (const [index, tool] of toolsOf(chat).entries()) {
		const approved = answers[index] ?? false;
		const reason = approved ? {} : { reason: 'Because.' };
		await chat.addToolApprovalResponse({ id: tool.approval!.id, approved, ...reason });
	}
	await expect.poll(() => chat.status, { timeout: 20_000 }).toMatch(/ready|error/);
}

async function answer(chat: Chat, approvalId: string, body: object): Promise<Response> {
	const { runs } = await conversation(chat.id);
	return fetch(`${server.url}/api/runs/${runs[0]?.id ?? runIdOf(chat)}/approvals/${approvalId}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body)
	});
}

function runIdOf({ lastMessage }: Chat): string {
	return (lastMessage?.metadata as { runId: string }).runId;
}

async function conversation(id: string): Promise<ConversationView> {
	return (await (await fetch(`${server.url}/api/conversations/${id}`)).json()) as ConversationView;
}

/** The page and the server have the same answer, once. */
async function agreesWithServer(chat: Chat): Promise<void> {
	const { messages } = await conversation(chat.id);
	const reply = messages.at(-1)!;
	expect(chat.messages.filter(({ role }) => role === 'assistant').map(({ id }) => id)).toEqual([
		reply.id
	]);
	const said = reply.parts.map((part) => ('text' in part ? part.text : '')).join('');
	expect(textOf(chat.lastMessage)).toBe(said);
	expect(reply).toMatchObject({ status: 'done' });
}

function toolsOf({ lastMessage }: Chat): DynamicToolUIPart[] {
	return (lastMessage?.parts ?? []).filter((part) => part.type === 'dynamic-tool');
}

function textOf(message: UIMessage | undefined): string {
	return (message?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}
