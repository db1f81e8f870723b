import { SignJWT } from 'jose';
import OpenAI, { ConflictError } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConversationPage, ConversationView, RunView } from '#lib/protocol/conversations.ts';
import { textOf } from '#lib/protocol/messages.ts';
import { WIRES } from '#lib/wire/wires.ts';
import { ask, eventsOf } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';
import { parse, shown } from './readers.ts';

const SECRET = 'q8Jm2vYtR0xK7nWc4hLp9sDf3gZb6aUe';

let server: TestServer;

beforeAll(async () => {
	server = await startServer({ AUTH_JWT_SECRET: SECRET });
});
afterAll(() => server.remove());

test('a run whose pause is over is told whole on every wire, as if it had never waited', async () => {
	const { runId, conversationId, approvals } = await pausedRun('Save a note: a. Save a note: b.');
	for (const approval of approvals) await decide(runId, approval);
	await expect.poll(() => statusOf(runId), { timeout: 20_000 }).toBe('done');
	const { messages } = await get<ConversationView>(`/api/conversations/${conversationId}`);
	const answer = textOf(messages.at(-1)!);
	expect(answer).toContain('saved');

	for (const wire of Object.keys(WIRES)) {
		const text = await (await fetch(`${server.url}/api/runs/${runId}/events?wire=${wire}`)).text();
		const { text: read, failed } = await shown(wire, text);
		expect([wire, compact(read), failed]).toEqual([wire, compact(answer), false]);
	}
});

test.for(Object.keys(WIRES))(
	'%s: who knows that the run waits, and comes again, is told the rest when that is decided',
	async (wire) => {
		const { runId, seq, approvals } = await pausedRun('Save a note: a');
		const response = await fetch(`${server.url}/api/runs/${runId}/events?wire=${wire}`, {
			headers: { 'last-event-id': `${runId}:${seq}` }
		});
		await decide(runId, approvals[0]!);
		const text = await response.text();
		expect(text).toMatch(/saved/);
		expect(text).not.toMatch(/approval.needed/);
	}
);

test('whoever answers in a protocol of its own may listen on another wire', async () => {
	const { runId, conversationId, approvals } = await pausedRun('Save a note: a');
	const [interruptId] = approvals;
	const payload = { approved: true };
	const response = await post('/api/ag-ui?wire=text', {
		threadId: conversationId,
		runId: 'run-2',
		messages: [],
		resume: [{ interruptId, status: 'resolved', payload }]
	});
	const { text, failed } = await shown('text', await response.text());
	expect(text).toContain('saved');
	expect(failed).toBe(false);
	expect(response.headers.get('content-type')).toBe('text/event-stream');
	await expect.poll(() => statusOf(runId), { timeout: 20_000 }).toBe('done');
});

test('the JSON route says at once what was said, and what a person must decide', async () => {
	const headers = { 'idempotency-key': 'once', authorization: await bearer('ada') };
	const response = await post('/api/ada/chat', { message: 'Save a note: milk' }, headers);
	expect(response.status).toBe(409);
	const said = (await response.json()) as Waiting;
	expect(said).toMatchObject({
		error: { code: 'approval-needed', message: expect.stringContaining('save_note') as string },
		response: expect.any(String) as string,
		conversation_id: expect.any(String) as string,
		approvals: [{ name: 'save_note', input: { text: 'milk' } }]
	});

	const path = `/api/runs/${said.run_id}/approvals/${said.approvals[0]!.id}`;
	expect(said.error.message).toContain(`POST ${path} `);
	expect((await post(path, { approved: true }, headers)).status).toBe(200);
	// the same question, asked again, gets the answer: it was not asked of the model again
	const again = await post('/api/ada/chat', { message: 'Save a note: milk' }, headers);
	expect(again.status).toBe(200);
	const whole = (await again.json()) as Waiting;
	expect(whole).toMatchObject({ run_id: said.run_id });
	expect(whole.response).toContain('saved');
	expect(whole.response.startsWith(said.response)).toBe(true);
});

describe('OpenAI’s client', () => {
	const model = 'demo';
	const content = 'Save a note: milk';
	let client: OpenAI;
	beforeAll(() => {
		client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none' });
	});

	test.for(['completions', 'responses'])(
		'is refused a whole answer that waits, once, and told who must decide: %s',
		async (api) => {
			const before = await countConversations();
			const asked =
				api === 'completions'
					? client.chat.completions.create({ model, messages: [{ role: 'user', content }] })
					: client.responses.create({ model, input: content });
			const refusal: unknown = await asked.catch((cause: unknown) => cause);
			expect(refusal).toBeInstanceOf(ConflictError);
			const { code, message, headers } = refusal as ConflictError;
			expect(code).toBe('approval_needed');
			const runId = headers.get('x-run-id') ?? '';
			expect(message).toContain(runId);
			expect(await statusOf(runId)).toBe('paused');
			// its client tries again by itself what it may: that would be a run each time
			expect(await countConversations()).toBe(before + 1);
		}
	);

	test('a stream of completions ends in an error, not as if that were the answer', async () => {
		const messages = [{ role: 'user' as const, content }];
		const stream = await client.chat.completions.create({ model, messages, stream: true });
		let [id, text] = ['', ''];
		const reading = (async () => {
			for await (const chunk of stream) {
				id = chunk.id;
				text += chunk.choices[0]?.delta.content ?? '';
				expect(chunk.choices[0]?.finish_reason).toBeNull();
			}
		})();
		await expect(reading).rejects.toMatchObject({ code: 'approval_needed' });
		// the end of the stream is not the client's leaving
		expect(await statusOf(id.replace('chatcmpl-', ''))).toBe('paused');
		expect(text).not.toContain('saved');
	});

	test('a stream of a response ends in an error, and goes on where it was when that is decided', async () => {
		const asked = { model, input: content, stream: true as const, background: true };
		let [id, text, last] = ['', '', -1];
		const types: string[] = [];
		const reading = (async () => {
			for await (const event of await client.responses.create(asked)) {
				if (event.type === 'response.created') ({ id } = event.response);
				if (event.type === 'response.output_text.delta') text += event.delta;
				last = event.sequence_number;
				types.push(event.type);
			}
		})();
		await expect(reading).rejects.toMatchObject({ code: 'approval_needed' });
		expect((await client.responses.retrieve(id)).status).toBe('in_progress');
		// the error is not counted: who goes on after its number has all that was said before
		const frames = parse(
			await (await fetch(`${server.url}/v1/responses/${id}?stream=true`)).text()
		);
		const numbers = frames.map(({ data }) => (JSON.parse(data) as Numbered).sequence_number);
		expect(numbers.slice(-2)).toEqual([last, last]);

		const runId = id.replace('resp_', '');
		for (const approval of await approvalsOf(runId)) await decide(runId, approval);
		const more = await client.responses.retrieve(id, { stream: true, starting_after: last });
		for await (const event of more) {
			expect(event.sequence_number).toBe(++last);
			types.push(event.type);
			if (event.type === 'response.output_text.delta') text += event.delta;
			if (event.type === 'response.completed') expect(textIn(event.response)).toBe(text);
		}
		expect(text).toContain('saved');

		const whole: string[] = [];
		const again = await client.responses.retrieve(id, { stream: true });
		for await (const event of again) whole.push(event.type);
		expect(types).toEqual(whole);
	});
});

interface Numbered {
	sequence_number: number;
}

interface Waiting {
	error: { code: string; message: string };
	response: string;
	run_id: string;
	approvals: { id: string }[];
}

/** Asks, and leaves when the run waits for a person. */
async function pausedRun(text: string) {
	const run = { runId: '', conversationId: '', seq: 0, approvals: [] as string[] };
	for await (const event of eventsOf(await ask(server.url, { text }))) {
		if (event.type === 'run-start') Object.assign(run, event);
		if (event.type === 'approval-request') run.approvals.push(event.approvalId);
		if (event.type === 'run-pause') return { ...run, seq: event.seq };
	}
	throw new Error('The run did not wait.');
}

async function decide(runId: string, approvalId: string): Promise<void> {
	const path = `/api/runs/${runId}/approvals/${approvalId}`;
	expect((await post(path, { approved: true })).status).toBe(200);
}

/** What a run that waits has asked for. */
async function approvalsOf(runId: string): Promise<string[]> {
	const approvals: string[] = [];
	for await (const event of eventsOf(await fetch(`${server.url}/api/runs/${runId}/events`))) {
		if (event.type === 'approval-request') approvals.push(event.approvalId);
		if (event.type === 'run-pause') break;
	}
	return approvals;
}

function post(path: string, body: object, headers: Record<string, string> = {}) {
	return fetch(server.url + path, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...headers },
		body: JSON.stringify(body)
	});
}

async function bearer(sub: string): Promise<string> {
	const token = new SignJWT({ sub }).setProtectedHeader({ alg: 'HS256' });
	return `Bearer ${await token.sign(new TextEncoder().encode(SECRET))}`;
}

/** `output_text` is the client's own making, and streamed responses lack it. */
function textIn({ output }: OpenAI.Responses.Response): string {
	const contents = output.flatMap((item) => (item.type === 'message' ? item.content : []));
	return contents.map((part) => (part.type === 'output_text' ? part.text : '')).join('');
}

async function countConversations(): Promise<number> {
	const { conversations } = await get<ConversationPage>('/api/conversations?limit=100');
	return conversations.length;
}

async function statusOf(runId: string): Promise<string> {
	return (await get<RunView>(`/api/runs/${runId}`)).status;
}

async function get<T>(path: string): Promise<T> {
	return (await (await fetch(server.url + path)).json()) as T;
}

/** Without the blank lines that part the texts of a message: not every wire has them. */
function compact(text: string): string {
	return text.replaceAll('\n\n', '');
}
