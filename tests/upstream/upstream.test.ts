import OpenAI from 'openai';
import { afterEach, expect, test } from 'vitest';
import { refusals } from './faults.ts';
import type { Reply } from './reply.ts';
import { startUpstream, type Upstream } from './upstream.ts';

const full: Reply = {
	steps: [
		{ reasoning: 'Let me think about it.' },
		{ text: 'Grüße, 世界 🌍', sources: [{ url: 'https://example.org/', title: 'Example' }] },
		{ call: { id: 'call_a', name: 'add', args: { a: 1, b: 2 } } },
		{ call: { id: 'call_b', name: 'add', args: { a: 3, b: 4 } } }
	]
};

let upstream: Upstream;
afterEach(() => upstream.stop());

async function start(reply: Reply): Promise<OpenAI> {
	upstream = await startUpstream({ reply });
	return new OpenAI({ apiKey: 'sk-test', baseURL: upstream.url, maxRetries: 0, logLevel: 'off' });
}

async function readResponses(client: OpenAI) {
	const stream = await client.responses.create({ model: 'gpt-test', input: 'Hi', stream: true });
	const events = [];
	for await (const event of stream) events.push(event);
	return events;
}

async function readChat(client: OpenAI) {
	const stream = client.chat.completions.stream({
		model: 'gpt-test',
		messages: [{ role: 'user', content: 'Hi' }],
		stream_options: { include_usage: true }
	});
	return stream.finalChatCompletion();
}

test.for([undefined, 1, 3, 7])(
	'OpenAI’s own client reads Responses in pieces of %s',
	async (pieces) => {
		const events = await readResponses(await start({ ...full, pieces }));

		expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
		const said = events.flatMap((event) =>
			event.type === 'response.output_text.delta' ? event.delta : []
		);
		expect(said.length).toBeGreaterThan(2);
		expect(said.join('')).toBe('Grüße, 世界 🌍');

		const last = events.at(-1);
		if (last?.type !== 'response.completed') throw new Error('it did not complete');
		expect(last.response.output.map((item) => item.type)).toEqual([
			'reasoning',
			'message',
			'function_call',
			'function_call'
		]);
		expect(last.response.output[3]).toMatchObject({
			call_id: 'call_b',
			arguments: '{"a":3,"b":4}'
		});
		expect(last.response.usage?.total_tokens).toBeGreaterThan(10);
	}
);

test('the events of one Responses message come in OpenAI’s order', async () => {
	const events = await readResponses(await start({ steps: [{ text: ['a', 'b'] }] }));

	expect(events.map((event) => event.type)).toEqual([
		'response.created',
		'response.in_progress',
		'response.output_item.added',
		'response.content_part.added',
		'response.output_text.delta',
		'response.output_text.delta',
		'response.output_text.done',
		'response.content_part.done',
		'response.output_item.done',
		'response.completed'
	]);
});

test.for([undefined, 1])('OpenAI’s own client reads chat in pieces of %s', async (pieces) => {
	const completion = await readChat(await start({ ...full, pieces }));

	const [choice] = completion.choices;
	expect(choice?.finish_reason).toBe('tool_calls');
	expect(choice?.message.content).toBe('Grüße, 世界 🌍');
	expect(choice?.message.tool_calls).toMatchObject([
		{ id: 'call_a', function: { name: 'add', arguments: '{"a":1,"b":2}' } },
		{ id: 'call_b', function: { name: 'add', arguments: '{"a":3,"b":4}' } }
	]);
	expect(completion.usage?.total_tokens).toBeGreaterThan(10);
});

test('what is not streamed comes in one piece', async () => {
	const client = await start(full);

	const response = await client.responses.create({ model: 'gpt-test', input: 'Hi' });
	expect(response.output_text).toBe('Grüße, 世界 🌍');
	const completion = await client.chat.completions.create({
		model: 'gpt-test',
		messages: [{ role: 'user', content: 'Hi' }]
	});
	expect(completion.choices[0]?.message.content).toBe('Grüße, 世界 🌍');
	expect((await client.models.list()).data.map((model) => model.id)).toEqual(['gpt-test']);
});

test('refusals are the errors that OpenAI’s client knows', async () => {
	const client = await start({ steps: [], fault: refusals.rateLimited(20) });

	const error: unknown = await readResponses(client).catch((cause: unknown) => cause);
	expect(error).toBeInstanceOf(OpenAI.RateLimitError);
	expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
});

test('a reset breaks the stream after so many tokens', async () => {
	const client = await start({
		steps: [{ text: ['a', 'b', 'c'] }],
		fault: { type: 'reset', after: 2 }
	});

	let said = '';
	const read = async () => {
		const stream = await client.responses.create({ model: 'm', input: 'Hi', stream: true });
		for await (const event of stream) {
			if (event.type === 'response.output_text.delta') said += event.delta;
		}
	};
	await expect(read()).rejects.toThrow();
	expect(said).toBe('ab');
});

test('a cut ends the body as if that were all', async () => {
	const client = await start({
		steps: [{ text: ['a', 'b', 'c'] }],
		fault: { type: 'cut', after: 1 }
	});

	expect((await readResponses(client)).at(-1)?.type).toBe('response.output_text.delta');
});

test('tokens come at the rate that was asked for', async () => {
	const client = await start({ steps: [{ text: Array<string>(21).fill('x') }], rate: 100 });

	const begin = performance.now();
	await readResponses(client);
	expect(performance.now() - begin).toBeGreaterThan(190);
});

test('it records what was asked, and who hung up', async () => {
	const client = await start({ steps: [{ text: 'a' }], fault: { type: 'hang', after: 1 } });

	const stream = await client.responses.create({ model: 'm', input: 'Hi', stream: true });
	for await (const event of stream) if (event.type === 'response.output_text.delta') break;
	const [request] = upstream.requests;
	await request?.closed;
	expect(request).toMatchObject({
		path: '/v1/responses',
		body: { input: 'Hi' },
		headers: { authorization: 'Bearer sk-test' },
		closedEarly: true
	});
});
