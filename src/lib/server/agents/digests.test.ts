import { afterEach, expect, test } from 'vitest';
import { parseConfig } from '#lib/server/config.ts';
import { startUpstream, type Upstream } from '../../../../tests/upstream/upstream.ts';
import { createAgents } from './agents.ts';
import { ask } from './collect.ts';
import { ChatDigest } from './digests.ts';

let upstream: Upstream;
afterEach(() => upstream.stop());

type Api = 'responses' | 'chat_completions';

/** Asks a server that answers its first request with these frames, and its second with “Done.”. */
async function askRaw(api: Api, frames: (object | string)[]) {
	const bytes = frames
		.map((frame) => `data: ${typeof frame === 'string' ? frame : JSON.stringify(frame)}\n\n`)
		.join('');
	upstream = await startUpstream({
		reply: (_body, number) =>
			number === 0 ? { steps: [], fault: { type: 'raw', bytes } } : { steps: [{ text: 'Done.' }] }
	});
	const config = { OPENAI_API: api, OPENAI_BASE_URL: upstream.url };
	return ask(createAgents(parseConfig(config)), 'Hi');
}

const chat = (delta: object, finish_reason: string | null = null) => ({
	id: 'c1',
	choices: [{ index: 0, delta, finish_reason }]
});
const piece = (rest: object) => chat({ tool_calls: [rest] });

test.for<[name: string, frames: object[]]>([
	[
		'leave out the index',
		[
			piece({ id: 'a', function: { name: 'calculate', arguments: '{"expression":' } }),
			piece({ function: { arguments: '"1+1"}' } }),
			piece({ id: 'b', function: { name: 'calculate', arguments: '{"expression":"2+2"}' } })
		]
	],
	[
		'leave out the ids',
		[
			piece({ index: 0, function: { name: 'calculate', arguments: '{"expression":"1+1"}' } }),
			piece({ index: 1, function: { name: 'calculate', arguments: '{"expression":"2+2"}' } })
		]
	],
	[
		'repeat the name',
		[
			piece({ index: 0, id: 'a', function: { name: 'calculate', arguments: '{"expression":' } }),
			piece({ index: 0, function: { name: 'calculate', arguments: '"1+1"}' } }),
			piece({
				index: 1,
				id: 'b',
				function: { name: 'calculate', arguments: '{"expression":"2+2"}' }
			})
		]
	]
])('calls of servers that %s are told apart', async ([, frames]) => {
	const { said, text } = await askRaw('chat_completions', [
		...frames,
		chat({}, 'tool_calls'),
		'[DONE]'
	]);

	const ends = said.flatMap((event) => (event.type === 'tool-end' ? [event] : []));
	expect(ends.map((event) => event.output)).toEqual([
		{ expression: '1+1', result: 2 },
		{ expression: '2+2', result: 4 }
	]);
	expect(new Set(ends.map((event) => event.callId)).size).toBe(2);
	expect(said.filter((event) => event.type === 'tool-start')).toHaveLength(2);
	expect(text).toBe('Done.');
});

test.for<[name: string, frames: (object | string)[]]>([
	['no [DONE]', [chat({ content: 'Yes.' }, 'stop')]],
	['no finish_reason', [chat({ content: 'Yes.' }), '[DONE]']]
])('a chat with %s has come to an end', async ([, frames]) => {
	const { text, outcome } = await askRaw('chat_completions', frames);

	expect(text).toBe('Yes.');
	expect(outcome?.reason).toBe('done');
});

test('a chat that says nothing and has no finish_reason is a failure', async () => {
	const { failure } = await askRaw('chat_completions', [chat({ role: 'assistant' }), '[DONE]']);

	expect(failure?.code).toBe('model-failed');
});

const message = {
	id: 'm1',
	type: 'message',
	role: 'assistant',
	status: 'completed',
	content: [{ type: 'output_text', text: 'Yes.', annotations: [] }]
};

test('a text that comes only with the end is said all the same', async () => {
	const response = { id: 'r1', status: 'completed', output: [message] };
	const { text } = await askRaw('responses', [{ type: 'response.completed', response }]);

	expect(text).toBe('Yes.');
});

test('an end that does not repeat the answer is put together from its items', async () => {
	const call = {
		type: 'function_call',
		id: 'f',
		call_id: 'a',
		name: 'calculate',
		status: 'completed'
	};
	const item = { ...call, arguments: '{"expression":"1+1"}' };
	const { said, text } = await askRaw('responses', [
		{ type: 'response.output_item.done', output_index: 0, item },
		{ type: 'response.completed', response: { id: 'r1', status: 'completed', output: [] } }
	]);

	expect(said.filter((event) => event.type === 'tool-end')).toHaveLength(1);
	expect(text).toBe('Done.');
});

test('ten thousand deltas of a chat become one chunk for the SDK', async () => {
	upstream = await startUpstream({ reply: { steps: [] } });
	const digest = new ChatDigest();
	for (let index = 0; index < 10_000; index += 1) digest.take(chat({ content: 'x' }));
	digest.take(chat({}, 'stop'));
	digest.sentinel();

	expect(digest.events()).toHaveLength(1);
	expect(JSON.stringify(digest.events()[0]).length).toBeGreaterThan(10_000);
});
