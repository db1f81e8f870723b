import { expect, test } from 'vitest';
import type { Utterance } from '#lib/protocol/events.ts';
import { anyDialect } from './dialects.ts';
import { Turn } from './turn.ts';

/** What a turn says to these events, whatever their dialect. */
function heard(events: unknown[], handoffs: string[] = []) {
	const said: Utterance[] = [];
	const ids = { calls: new Set<string>(), urls: new Set<string>() };
	const turn = new Turn(1, (utterance) => said.push(utterance), ids, new Set(handoffs));
	for (const event of events) anyDialect(event, turn);
	turn.close();
	return { said, turn };
}

const reasonedAnswer: Utterance[] = [
	{ type: 'reasoning-start', partId: '1.1' },
	{ type: 'reasoning-delta', partId: '1.1', delta: 'Hm.' },
	{ type: 'reasoning-end', partId: '1.1' },
	{ type: 'text-start', partId: '1.2' },
	{ type: 'text-delta', partId: '1.2', delta: 'Yes.' },
	{ type: 'text-end', partId: '1.2' },
	{ type: 'tool-start', callId: 'call_a', name: 'look' },
	{ type: 'tool-input-delta', callId: 'call_a', delta: '{}' },
	{ type: 'source', partId: '1.3', url: 'https://example.org/', title: 'Example' }
];

const page = { url: 'https://example.org/', title: 'Example' };
const chat = (delta: object) => ({ choices: [{ index: 0, delta, finish_reason: null }] });
const look = { type: 'function_call', call_id: 'call_a', name: 'look', arguments: '' };

test.for<[name: string, events: unknown[]]>([
	[
		'Responses',
		[
			{
				type: 'response.reasoning_summary_text.delta',
				item_id: 'r',
				summary_index: 0,
				delta: 'Hm.'
			},
			{ type: 'response.output_text.delta', item_id: 'm', content_index: 0, delta: 'Yes.' },
			{ type: 'response.output_item.added', output_index: 2, item: look },
			{ type: 'response.function_call_arguments.delta', output_index: 2, delta: '{}' },
			{
				type: 'response.output_text.annotation.added',
				annotation: { type: 'url_citation', ...page }
			}
		]
	],
	[
		'Responses of open models',
		[
			{ type: 'response.reasoning_text.delta', item_id: 'r', content_index: 0, delta: 'Hm.' },
			{ type: 'response.output_text.delta', delta: 'Yes.' },
			{ type: 'response.output_item.added', output_index: 2, item: { ...look, arguments: '{}' } },
			{
				type: 'response.output_text.annotation.added',
				annotation: { type: 'url_citation', ...page }
			}
		]
	],
	[
		'Chat Completions with reasoning_content',
		[
			chat({ role: 'assistant', content: '' }),
			chat({ reasoning_content: 'Hm.', content: null }),
			chat({ content: 'Yes.' }),
			chat({ tool_calls: [{ index: 0, id: 'call_a', function: { name: 'look', arguments: '' } }] }),
			chat({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }),
			chat({ annotations: [{ type: 'url_citation', url_citation: page }] })
		]
	],
	[
		'Chat Completions with reasoning, and content in pieces',
		[
			chat({ reasoning: 'Hm.' }),
			chat({ content: [{ type: 'text', text: 'Yes.' }] }),
			chat({
				tool_calls: [{ index: 0, id: 'call_a', function: { name: 'look', arguments: '{}' } }],
				annotations: [{ url_citation: page }]
			})
		]
	],
	[
		'the AI SDK',
		[
			{ type: 'reasoning-start', id: 'r' },
			{ type: 'reasoning-delta', id: 'r', delta: 'Hm.' },
			{ type: 'reasoning-end', id: 'r' },
			{ type: 'text-start', id: 't' },
			{ type: 'text-delta', id: 't', delta: 'Yes.' },
			{ type: 'tool-input-start', id: 'call_a', toolName: 'look' },
			{ type: 'tool-input-delta', id: 'call_a', delta: '{}' },
			{ type: 'source', sourceType: 'url', ...page }
		]
	]
])('%s says the same', ([, events]) => {
	expect(heard(events).said).toEqual(reasonedAnswer);
});

test('parts of one kind that follow each other stay apart', () => {
	const delta = (index: number) => ({
		type: 'response.reasoning_summary_text.delta',
		item_id: 'r',
		summary_index: index,
		delta: 'x'
	});
	const { said } = heard([delta(0), delta(0), delta(1)]);

	expect(said.map((event) => event.type)).toEqual([
		'reasoning-start',
		'reasoning-delta',
		'reasoning-delta',
		'reasoning-end',
		'reasoning-start',
		'reasoning-delta',
		'reasoning-end'
	]);
});

test('the answer of another choice is not ours', () => {
	const { said } = heard([{ choices: [{ index: 1, delta: { content: 'no' } }] }]);

	expect(said).toEqual([]);
});

test('a hand-off is not shown as a tool', () => {
	const { said, turn } = heard(
		[
			{ type: 'response.output_item.added', output_index: 0, item: look },
			{ type: 'response.function_call_arguments.delta', output_index: 0, delta: '{}' }
		],
		['look']
	);

	expect(said).toEqual([]);
	expect(turn.calls).toHaveLength(1);
});

test.for([
	{ type: 'response.failed', response: { error: { code: 'server_error', message: 'sk-secret' } } },
	{ type: 'error', code: 'server_error', message: 'sk-secret' },
	{ type: 'error', error: { message: 'sk-secret' } },
	{ error: { message: 'sk-secret' }, choices: [] }
])('%o is a failure, without the words of the server', (event) => {
	const { turn } = heard([event]);

	expect(turn.failure?.code).toBe('model-failed');
	expect(turn.failure?.message).not.toContain('sk-secret');
});

test('a rate limit and a long context are told apart in the middle of a stream too', () => {
	const code = (name: string) => heard([{ type: 'error', code: name }]).turn.failure?.code;

	expect(code('rate_limit_exceeded')).toBe('rate-limited');
	expect(code('context_length_exceeded')).toBe('context-too-long');
});
