import { expect, test } from 'vitest';
import type { AssistantMessage, Part, ToolPart } from '#lib/protocol/messages.ts';
import { userMessage } from './collect.ts';
import { toItems } from './history.ts';

test('texts, and calls with what they found, are given back in their order', () => {
	const items = toItems([
		userMessage('What is 1+1?'),
		reply([
			{ type: 'reasoning', id: '1.1', seq: 2, text: 'Hm.', closed: true },
			text('Let me see.'),
			call({ state: 'done', input: { expression: '1+1' }, output: { result: 2 } }),
			call({ state: 'failed', input: 'not JSON', message: 'It failed.' }),
			text('It is 2.')
		]),
		userMessage('Thanks')
	]);

	expect(items).toMatchObject([
		{ role: 'user', content: 'What is 1+1?' },
		{ role: 'assistant', content: [{ text: 'Let me see.' }] },
		{ type: 'function_call', callId: 'past_1', arguments: '{"expression":"1+1"}' },
		{ type: 'function_call', callId: 'past_2', arguments: 'not JSON' },
		{ type: 'function_call_result', callId: 'past_1', output: { text: '{"result":2}' } },
		{ type: 'function_call_result', callId: 'past_2', output: { text: 'It failed.' } },
		{ role: 'assistant', content: [{ text: 'It is 2.' }] },
		{ role: 'user', content: 'Thanks' }
	]);
});

test('ids of calls are unique over the conversation, whatever they were', () => {
	const done = call({ state: 'done', input: {}, output: 'yes' });
	const items = toItems([reply([done]), reply([done, done]), reply([text('So.'), done])]);

	const ids = items.flatMap((item) => (item.type === 'function_call' ? [item.callId] : []));
	expect(ids).toHaveLength(4);
	expect(new Set(ids).size).toBe(4);
});

test('calls without a result, empty texts and withdrawn answers are left out', () => {
	const items = toItems([
		reply([text(''), call({ state: 'running', input: {} }), call({ state: 'input' })]),
		{ ...reply([text('Forget this.')]), retracted: 'It was wrong.' },
		userMessage('And?')
	]);

	expect(items).toMatchObject([{ role: 'user', content: 'And?' }]);
	expect(items).toHaveLength(1);
});

function text(said: string): Part {
	return { type: 'text', id: said, seq: 2, text: said, closed: true };
}

function call(rest: Partial<ToolPart> & Pick<ToolPart, 'state'>): ToolPart {
	return {
		type: 'tool',
		id: 'call_0',
		seq: 3,
		name: 'calculate',
		inputText: '',
		diffs: [],
		...rest
	};
}

function reply(parts: Part[]): AssistantMessage {
	return {
		id: crypto.randomUUID(),
		role: 'assistant',
		runId: 'r1',
		agent: 'assistant',
		model: 'm',
		seq: 9,
		status: 'done',
		parts
	};
}
