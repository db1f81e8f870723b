import { expect, test } from 'vitest';
import type { Message } from '#lib/protocol/messages.ts';
import { type Ask, digestOf } from './ask.ts';

const said = (text: string, id: string): Message => ({
	id,
	role: 'user',
	createdAt: 1,
	parts: [{ type: 'text', id: 'text', seq: 0, text, closed: true }]
});
const ask: Ask = {
	...{ conversationId: 'c', text: 'Why?', parentId: 'p', agent: 'a', model: 'm' },
	...{ instructions: 'Be brief.', history: [said('Hello', 'h1')] }
};

test.for<Ask>([
	{ conversationId: 'other' },
	{ text: 'How?' },
	{ parentId: 'other' },
	{ parentId: null },
	{ parentId: undefined },
	{ agent: 'other' },
	{ model: 'other' },
	{ instructions: 'Be long.' },
	{ history: [] },
	{ history: [said('Goodbye', 'h1')] },
	{ history: [said('Hello', 'h1'), said('Hello', 'h2')] },
	{ history: [{ ...said('Hello', 'h1'), role: 'assistant' } as Message] }
])('with the same key this would be another request: %j', (change) => {
	expect(digestOf({ ...ask, ...change })).not.toBe(digestOf(ask));
});

test('a question at the root is not one that follows the newest', () => {
	const newest = { ...ask, parentId: undefined };
	expect(digestOf({ ...ask, parentId: null })).not.toBe(digestOf(newest));
});

test('the same request is the same, whatever ids its messages have this time', () => {
	const again = { ...ask, messageId: 'q2', history: [said('Hello', 'h9')] };
	expect(digestOf(again)).toBe(digestOf(ask));
});
