import { safeValidateUIMessages } from 'ai';
import { expect, test } from 'vitest';
import type { AssistantMessage, Message, Part, ToolPart } from '#lib/protocol/messages.ts';
import { fromChat, toChat } from './ui-messages.ts';

const tool: ToolPart = {
	...{ type: 'tool', id: 'call', seq: 0, name: 'search', title: 'Search', state: 'running' },
	...{ inputText: '', input: { q: 'x' }, diffs: [] }
};
const asked = { ...tool, approval: { id: 'a1' } };
const parts: Part[] = [
	{ type: 'text', id: 't', seq: 0, text: 'Half', closed: false },
	{ type: 'text', id: 't', seq: 0, text: 'Whole', closed: true },
	{ type: 'reasoning', id: 'r', seq: 0, text: 'Hm', closed: true },
	{ type: 'source', id: 's', seq: 0, url: 'https://example.org/', title: 'Example' },
	{ type: 'agent-switch', id: 'x', seq: 0, from: 'a', to: 'b' },
	{ ...tool, state: 'input', input: undefined },
	tool,
	{ ...asked, state: 'asking' },
	{ ...tool, state: 'done', output: { hits: 3 }, durationMs: 12 },
	{ ...tool, state: 'failed', message: 'No network.', durationMs: 12 },
	{ ...asked, state: 'denied', message: 'Not now.' },
	{ ...tool, progress: { message: 'Half way', fraction: 0.5 } },
	{ ...tool, diffs: [{ path: 'a.txt', patch: '@@', added: 1, removed: 0 }] }
];

test.for(parts)('a part comes back from the AI SDK’s form as it was: %o', async (part) => {
	const message = reply([part]);
	await expectValid(message);
	const back = (fromChat(toChat(message)) as AssistantMessage).parts;
	expect(back.map(plain)).toEqual([plain(part)]);
});

test('a message comes back with all that is shown of it', async () => {
	const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 };
	const failure = { code: 'model-failed' as const, message: 'It failed.', retryable: true };
	const message: AssistantMessage = {
		...reply([]),
		...{ status: 'failed', createdAt: 7, retracted: 'Unsafe', failure, usage, durationMs: 9 }
	};
	await expectValid(message);
	expect(fromChat(toChat(message))).toEqual(message);
});

test('a question comes back as it was', async () => {
	const question: Message = {
		...{ id: 'q', role: 'user', createdAt: 7 },
		parts: [{ type: 'text', id: 'part-0', seq: 0, text: 'Why?', closed: true }]
	};
	await expectValid(question);
	expect(fromChat(toChat(question))).toEqual(question);
});

test('parts that are not known are skipped', () => {
	const { id, role } = reply([]);
	const parts = [{ type: 'step-start' as const }, { type: 'data-mood' as const, data: {} }];
	expect(fromChat({ id, role, parts })).toMatchObject({ status: 'running', parts: [] });
});

function reply(said: Part[]): AssistantMessage {
	const base = { id: 'm', role: 'assistant' as const, runId: 'r', agent: 'a', model: 'm', seq: 0 };
	return { ...base, status: 'done', parts: said };
}

/** Without what the AI SDK has no place for, and nobody sees. */
function plain(part: Part) {
	return { ...part, id: part.type === 'tool' ? part.id : '', approval: undefined };
}

async function expectValid(message: Message) {
	const result = await safeValidateUIMessages({ messages: [toChat(message)] });
	expect(result.success ? undefined : result.error).toBeUndefined();
}
