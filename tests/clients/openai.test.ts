import OpenAI, { APIError, AuthenticationError, BadRequestError, NotFoundError } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../server.ts';
import { refusals } from '../upstream/faults.ts';
import { startUpstream, type Reply, type Upstream } from '../upstream/upstream.ts';

let reply: Reply = { steps: [] };
/** What the model says once, before `reply`. */
let first: Reply | undefined;
let upstream: Upstream;
let server: TestServer;
/** Answers only who brings a key. */
let locked: TestServer;
let client: OpenAI;

beforeAll(async () => {
	upstream = await startUpstream({
		reply: () => {
			const said = first ?? reply;
			first = undefined;
			return said;
		}
	});
	server = await startServer({
		OPENAI_API_KEY: 'sk-upstream',
		OPENAI_BASE_URL: upstream.url,
		OPENAI_MODEL: 'gpt-test'
	});
	locked = await startServer({ RUNNEL_API_KEYS: 'key-one, key-two' });
	client = clientOf(server);
}, 60_000);
afterAll(async () => {
	await server.remove();
	await locked.remove();
	await upstream.stop();
});

const model = 'gpt-test';
const messages = [{ role: 'user' as const, content: 'Hello' }];
const TEXT = 'Two lines\n\nand data: [DONE]\n\n 🌊 end.';

describe('chat.completions', () => {
	test('a stream gives the text as it comes, and one finish reason', async () => {
		reply = { steps: [{ reasoning: 'Hm.' }, { text: TEXT }] };
		const stream = await client.chat.completions.create({ model, messages, stream: true });
		let text = '';
		const reasons = [];
		const ids = new Set<string>();
		for await (const chunk of stream) {
			text += chunk.choices[0]?.delta.content ?? '';
			ids.add(chunk.id);
			expect(chunk).toMatchObject({ object: 'chat.completion.chunk', model });
			expect(chunk.created * 1000).toBeGreaterThan(Date.now() - 60_000);
			expect(chunk.usage).toBeUndefined();
			if (chunk.choices[0]?.finish_reason) reasons.push(chunk.choices[0].finish_reason);
		}
		expect(text).toBe(TEXT);
		expect(reasons).toEqual(['stop']);
		expect(ids.size).toBe(1);
	});

	test('the client’s own stream helper puts the completion together', async () => {
		reply = { steps: [{ text: TEXT }] };
		const stream = client.chat.completions.stream({
			model,
			messages,
			stream_options: { include_usage: true }
		});
		const completion = await stream.finalChatCompletion();
		expect(completion.choices[0]?.message.content).toBe(TEXT);
		expect(completion.usage?.total_tokens).toBeGreaterThan(0);
	});

	test('without a stream the answer comes at once, with its usage', async () => {
		reply = { steps: [{ text: TEXT }] };
		const completion = await client.chat.completions.create({ model, messages });
		expect(completion).toMatchObject({ object: 'chat.completion', model });
		expect(completion.choices[0]?.message.content).toBe(TEXT);
		expect(completion.choices[0]?.finish_reason).toBe('stop');
		expect(completion.usage?.prompt_tokens).toBeGreaterThan(0);
	});

	test('the system message instructs the agent, and the earlier messages are its history', async () => {
		reply = { steps: [{ text: 'Ada.' }] };
		await client.chat.completions.create({
			model,
			messages: [
				{ role: 'system', content: 'Answer like a pirate.' },
				{ role: 'user', content: [{ type: 'text', text: 'I am Ada.' }] },
				{ role: 'assistant', content: 'Ahoy.' },
				{ role: 'user', content: 'Who am I?' }
			]
		});
		const { body } = upstream.requests.at(-1)!;
		expect(body['instructions']).toMatch(/helpful assistant[^]*Answer like a pirate\./);
		const said = JSON.stringify(body.input);
		expect(said).toMatch(/I am Ada\.[^]*Ahoy\.[^]*Who am I\?/);
	});

	test('the agent’s own tools never appear as tool calls', async () => {
		const call = { id: 'call_1', name: 'calculate', args: { expression: '12*7+1' } };
		reply = { steps: [{ text: 'It is 85.' }] };
		first = { steps: [{ call }] };
		const stream = await client.chat.completions.create({ model, messages, stream: true });
		let text = '';
		for await (const { choices } of stream) {
			text += choices[0]?.delta.content ?? '';
			expect(choices[0]?.delta.tool_calls).toBeUndefined();
			expect(choices[0]?.finish_reason).not.toBe('tool_calls');
		}
		expect(text).toBe('It is 85.');
	});

	test('an answer that was cut by its limit says length', async () => {
		reply = { steps: [{ text: 'As long as' }], end: 'length' };
		const completion = await client.chat.completions.create({ model, messages });
		expect(completion.choices[0]?.finish_reason).toBe('length');
	});

	test('a failing model is an error with OpenAI’s status and code', async () => {
		reply = { steps: [], fault: refusals.rateLimited(1) };
		const refused = client.chat.completions.create({ model, messages });
		await expect(refused).rejects.toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
	});

	test('a failure after some text ends the stream with an error, not as if that were all', async () => {
		reply = { steps: [{ text: 'This much was said' }], fault: { type: 'cut', after: 3 }, rate: 50 };
		const stream = await client.chat.completions.create({ model, messages, stream: true });
		let text = '';
		const reading = (async () => {
			for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
		})();
		await expect(reading).rejects.toBeInstanceOf(APIError);
		expect(text).toContain('This');
	});

	test('leaving the stream stops the run', async () => {
		reply = { steps: [{ text: 'word '.repeat(2000) }], rate: 50 };
		const stream = await client.chat.completions.create({ model, messages, stream: true });
		let id = '';
		for await (const chunk of stream) {
			id = chunk.id;
			if (chunk.choices[0]?.delta.content) break;
		}
		expect(await endOf(id)).toBe('stopped');
	});

	test('who asked for a detached run may leave, and it goes on', async () => {
		reply = { steps: [{ text: 'word '.repeat(40) }], rate: 50 };
		const stream = await client.chat.completions.create(
			{ model, messages, stream: true },
			{ query: { detached: '1' } }
		);
		let id = '';
		for await (const chunk of stream) {
			id = chunk.id;
			if (chunk.choices[0]?.delta.content) break;
		}
		expect(await endOf(id)).toBe('done');
	});

	test('leaving before the answer stops the run, without a stream too', async () => {
		reply = { steps: [{ text: 'word '.repeat(2000) }], rate: 50 };
		const leaving = new AbortController();
		const before = upstream.requests.length;
		const asked = client.chat.completions.create({ model, messages }, { signal: leaving.signal });
		await expect.poll(() => upstream.requests.length, { timeout: 20_000 }).toBe(before + 1);
		leaving.abort();
		await expect(asked).rejects.toThrow();
		await upstream.requests.at(-1)!.closed;
		expect(upstream.requests.at(-1)!.closedEarly).toBe(true);
	});
});

describe('responses', () => {
	const input = 'Hello';

	test('a stream gives items, deltas and wholes that agree', async () => {
		reply = { steps: [{ reasoning: 'I think.' }, { text: TEXT }] };
		const stream = client.responses.stream({ model, input });
		let text = '';
		let reasoning = '';
		const numbers: number[] = [];
		for await (const event of stream) {
			numbers.push(event.sequence_number);
			if (event.type === 'response.output_text.delta') text += event.delta;
			if (event.type === 'response.output_text.done') expect(event.text).toBe(text);
			if (event.type === 'response.reasoning_summary_text.delta') reasoning += event.delta;
		}
		expect(numbers).toEqual(numbers.map((_, index) => index));
		expect([text, reasoning]).toEqual([TEXT, 'I think.']);
		const final = await stream.finalResponse();
		expect(final).toMatchObject({ status: 'completed', output_text: TEXT, model });
		expect(final.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
		expect(final.usage?.total_tokens).toBeGreaterThan(0);
	});

	test('without a stream the answer comes at once', async () => {
		reply = { steps: [{ text: TEXT }] };
		const response = await client.responses.create({
			model,
			instructions: 'Answer like a pirate.',
			input: [
				{ role: 'user', content: 'I am Ada.' },
				{ role: 'assistant', content: 'Ahoy.' },
				{ role: 'user', content: [{ type: 'input_text', text: 'Who am I?' }] }
			]
		});
		expect(response).toMatchObject({ status: 'completed', output_text: TEXT });
		const { body } = upstream.requests.at(-1)!;
		expect(body['instructions']).toContain('Answer like a pirate.');
		expect(JSON.stringify(body.input)).toMatch(/I am Ada\.[^]*Ahoy\.[^]*Who am I\?/);
	});

	test('an answer that was cut by its limit is incomplete', async () => {
		reply = { steps: [{ text: 'As long as' }], end: 'length' };
		const final = await client.responses.stream({ model, input }).finalResponse();
		expect(final).toMatchObject({
			status: 'incomplete',
			incomplete_details: { reason: 'max_output_tokens' },
			output_text: 'As long as'
		});
	});

	test('a failure after some text fails the response', async () => {
		reply = { steps: [{ text: 'This much was said' }], fault: { type: 'cut', after: 3 }, rate: 50 };
		const types: string[] = [];
		for await (const event of await client.responses.create({ model, input, stream: true })) {
			types.push(event.type);
			if (event.type === 'response.failed') {
				expect(event.response.error?.message).toMatch(/\.$/);
			}
		}
		expect(types.at(-1)).toBe('response.failed');
	});

	test('leaving the stream stops the run, in the background it goes on and can be read', async () => {
		reply = { steps: [{ text: 'word '.repeat(60) }], rate: 50 };
		const ids = [];
		for (const background of [false, true]) {
			const stream = await client.responses.create({ model, input, stream: true, background });
			for await (const event of stream) {
				if (event.type === 'response.created') ids.push(event.response.id);
				if (event.type === 'response.output_text.delta') break;
			}
		}
		const [left, behind] = ids as [string, string];
		expect(await endOf(left)).toBe('stopped');
		expect(await endOf(behind)).toBe('done');
		expect(await client.responses.retrieve(behind)).toMatchObject({
			status: 'completed',
			output_text: 'word '.repeat(60)
		});
		expect((await client.responses.retrieve(left)).status).toBe('cancelled');
	});

	test('a stream that was cut goes on after the last number, while it is said and afterwards', async () => {
		reply = { steps: [{ text: 'word '.repeat(60) }], rate: 50 };
		const read: { sequence_number: number }[] = [];
		let id = '';
		for await (const event of await client.responses.create({
			...{ model, input, background: true },
			stream: true
		})) {
			read.push(event);
			if (event.type === 'response.created') id = event.response.id;
			if (event.type === 'response.output_text.delta') break;
		}
		const rest = async (starting_after: number) => {
			const events = [];
			const resumed = await client.responses.retrieve(id, { stream: true, starting_after });
			for await (const event of resumed) events.push(event);
			return events;
		};
		const live = await rest(read.at(-1)!.sequence_number);
		expect(live.at(-1)).toMatchObject({
			type: 'response.completed',
			response: { output: [{ content: [{ text: 'word '.repeat(60) }] }] }
		});
		const numbers = [...read, ...live].map((event) => event.sequence_number);
		expect(numbers).toEqual(numbers.map((_, index) => index));
		expect(await rest(read.at(-1)!.sequence_number)).toEqual(live);
		expect(await rest(live.at(-1)!.sequence_number)).toEqual([]);
	});

	test('a response in the background is there at once, can be streamed, and cancelled', async () => {
		reply = { steps: [{ text: 'word '.repeat(2000) }], rate: 50 };
		const begun = await client.responses.create({ model, input, background: true });
		expect(begun.status).toBe('in_progress');

		for await (const event of await client.responses.retrieve(begun.id, { stream: true })) {
			if (event.type === 'response.output_text.delta') break;
		}
		expect((await client.responses.retrieve(begun.id)).status).toBe('in_progress');
		expect((await client.responses.cancel(begun.id)).status).toBe('cancelled');
	});

	test('what is not served is refused, and names the parameter', async () => {
		const refused = [
			[{ previous_response_id: 'resp_1' }, 'previous_response_id'],
			[{ conversation: 'conv_1' }, 'conversation'],
			[{ tools: [{ type: 'web_search' as const }] }, 'tools'],
			[{ text: { format: { type: 'json_object' as const } } }, 'text.format.type']
		] as const;
		for (const [field, param] of refused) {
			const asked = client.responses.create({ model, input, ...(field as object) });
			await expect(asked).rejects.toMatchObject({ status: 400, param });
		}
	});
});

describe('errors', () => {
	const tool = { type: 'function' as const, function: { name: 'f', parameters: {} } };

	test('a request with tools of its own is refused', async () => {
		const asked = client.chat.completions.create({ model, messages, tools: [tool] });
		await expect(asked).rejects.toBeInstanceOf(BadRequestError);
		await expect(asked).rejects.toMatchObject({ param: 'tools', type: 'invalid_request_error' });
	});

	test('an unknown model is not found', async () => {
		const asked = client.chat.completions.create({ model: 'gpt-none', messages });
		await expect(asked).rejects.toBeInstanceOf(NotFoundError);
		await expect(asked).rejects.toMatchObject({ code: 'model_not_found', param: 'model' });
	});

	test.for([
		[{ messages: [] }, 'messages'],
		[{ messages: [{ role: 'assistant', content: 'hi' }] }, 'messages'],
		[{ messages: [{ role: 'user', content: '  ' }] }, 'messages'],
		[{ messages: [{ role: 'tool', content: 'x', tool_call_id: 'c' }] }, 'messages.0.role'],
		[
			{ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
			'messages.0.content.0.type'
		],
		[{ n: 2 }, 'n'],
		[{ response_format: { type: 'json_object' } }, 'response_format.type']
	] as [object, string][])(
		'a request that cannot be served is refused: %j',
		async ([field, param]) => {
			const asked = client.chat.completions.create({ model, messages, ...field });
			await expect(asked).rejects.toMatchObject({ status: 400, param });
		}
	);

	test('what is not there is refused in OpenAI’s shape', async () => {
		await expect(client.embeddings.create({ model, input: 'hi' })).rejects.toMatchObject({
			status: 404,
			type: 'invalid_request_error',
			code: 'unknown_route'
		});
	});

	test('the models are listed', async () => {
		const { data } = await client.models.list();
		expect(data).toMatchObject([{ id: model, object: 'model' }]);
	});
});

describe('keys', () => {
	test('with RUNNEL_API_KEYS only who brings one of them is answered', async () => {
		for (const apiKey of ['none', 'key', 'key-one,key-two']) {
			const asked = clientOf(locked, apiKey).models.list();
			await expect(asked).rejects.toBeInstanceOf(AuthenticationError);
			await expect(asked).rejects.toMatchObject({ code: 'invalid_api_key' });
		}
		const refused = await fetch(`${locked.url}/v1/models`);
		expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
		const message = 'Send a key of this server: Authorization: Bearer KEY.';
		const error = { message, type: 'invalid_request_error', param: null, code: 'invalid_api_key' };
		expect(await refused.json()).toEqual({ error });
		for (const apiKey of ['key-one', 'key-two']) {
			const { data } = await clientOf(locked, apiKey).models.list();
			expect(data).toMatchObject([{ id: 'demo' }]);
		}
	});

	test('without it a request that a proxy passed on is refused', async () => {
		const response = await fetch(`${server.url}/v1/models`, {
			headers: { 'x-forwarded-for': '203.0.113.7' }
		});
		expect(response.status).toBe(401);
		expect(await response.text()).toContain('RUNNEL_API_KEYS');
	});
});

function clientOf({ url }: TestServer, apiKey = 'anything'): OpenAI {
	return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
}

/** What the run of that completion or response came to. */
async function endOf(id: string): Promise<string> {
	let status = '';
	const look = async () => {
		const response = await fetch(`${server.url}/api/runs/${id.replace(/^[a-z]+[_-]/, '')}`);
		({ status } = (await response.json()) as { status: string });
		return status;
	};
	await expect.poll(look, { timeout: 20_000 }).not.toBe('running');
	return status;
}
