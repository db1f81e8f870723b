import { createParser } from 'eventsource-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { fold } from '#lib/protocol/fold.ts';
import type { AssistantMessage, Message } from '#lib/protocol/messages.ts';
import { itemsOf } from '#lib/wire/chatkit-items.ts';
import { chatKit } from '#lib/wire/chatkit.ts';
import { respond } from '#lib/wire/respond.ts';
import { untilPause } from '#lib/wire/until-pause.ts';
import { startServer, type TestServer } from '../server.ts';
import { transcripts } from '../transcripts/transcripts.ts';
import { ChatKitReader } from './chatkit-reader.ts';
import { Items, Thread, Threads, type Event } from './chatkit-shapes.ts';

const PATIENCE = { keepAliveMs: 60_000, stallMs: 60_000 };

describe('recorded runs', () => {
	test.for(transcripts)('$name is a thread that holds what was said', async ({ events }) => {
		// a run that waited for a person goes on in another stream
		const pause = events.find(({ type }) => type === 'run-pause')?.seq ?? 0;
		const reader = new ChatKitReader();
		for (const after of pause === 0 ? [0] : [0, pause]) {
			// eslint-disable-next-line @typescript-eslint/require-await
			const log = async function* () {
				for (const event of events) yield [event];
			};
			const follow = () => untilPause(log(), { lastSeq: after, paused: false });
			await read(
				await respond({ runId: 'r', follow, after, over: false }, chatKit, PATIENCE),
				reader
			);
			if (after < pause) expect(formsIn(reader)).toMatchObject([{ status: 'pending' }]);
			else if (pause > 0) expect(formsIn(reader)).toMatchObject([{ status: 'answered' }]);
		}

		const [reply] = folded(events) as [AssistantMessage];
		expect(reader.open).toEqual(new Set());
		expect(reader.errors).toEqual(reply.failure ? [reply.failure.message] : []);
		// the list says the same as the stream did, but for when
		expect(reader.items.map(undated)).toEqual(itemsOf(reply, 'conversation').map(undated));
		if (reply.retracted !== undefined) expect(reader.notices.join()).toContain(reply.retracted);
	});
});

describe('the server', () => {
	let server: TestServer;
	beforeAll(async () => {
		server = await startServer();
	}, 60_000);
	afterAll(() => server.remove());

	test('a thread is made, answered, listed, renamed and deleted', async () => {
		const made = new ChatKitReader();
		const types = (await stream('threads.create', { input: input('What is 12*7+1?') }, made)).map(
			({ type }) => type
		);
		expect(types.slice(0, 3)).toEqual(['thread.created', 'thread.item.done', 'stream_options']);
		expect(made.cancellable).toBe(true);
		expect(made.items[0]).toMatchObject({
			type: 'user_message',
			content: [{ text: 'What is 12*7+1?' }]
		});
		expect(made.text).toContain('85');
		const thread_id = made.thread!.id;

		await stream('threads.add_user_message', { thread_id, input: input('And 2+2?') }, made);
		const items = Items.parse(await ask('items.list', { thread_id, order: 'asc', limit: 50 }));
		expect(items.data.map(({ id, type }) => [id, type])).toEqual(
			made.items.map(({ id, type }) => [id, type])
		);
		const thread = Thread.parse(await ask('threads.get_by_id', { thread_id }));
		expect(thread.items.data).toEqual(items.data);
		expect(thread.title).toBe('What is 12*7+1?');

		const renamed = Thread.parse(await ask('threads.update', { thread_id, title: 'Sums' }));
		expect(renamed.title).toBe('Sums');
		const { data } = Threads.parse(await ask('threads.list', { limit: 10, order: 'desc' }));
		expect(data.map(({ id }) => id)).toContain(thread_id);
		expect(await ask('threads.delete', { thread_id })).toEqual({});
		expect((await post('threads.get_by_id', { thread_id })).status).toBe(404);
	});

	test('lists come in pages that miss none and repeat none', async () => {
		const reader = new ChatKitReader();
		await stream('threads.create', { input: input('1+1') }, reader);
		const thread_id = reader.thread!.id;
		await stream('threads.create', { input: input('2+2') }, new ChatKitReader());

		for (const order of ['asc', 'desc']) {
			const page = (after?: string) => ask('items.list', { thread_id, order, limit: 1, after });
			const all = await pages(page, Items);
			const ids = reader.items.map(({ id }) => id);
			expect(all).toEqual(order === 'asc' ? ids : ids.toReversed());
		}
		const threads = await pages((after) => ask('threads.list', { limit: 1, after }), Threads);
		expect(new Set(threads).size).toBe(threads.length);
		expect(threads).toContain(thread_id);
	});

	test('a question is answered again, and the newest answer stands in the list', async () => {
		const reader = new ChatKitReader();
		await stream('threads.create', { input: input('What is 3+4?') }, reader);
		const thread_id = reader.thread!.id;
		const [question, ...old] = reader.items;

		const again = new ChatKitReader();
		await stream('threads.retry_after_item', { thread_id, item_id: question!.id }, again);
		expect(again.text).toContain('7');
		const { data } = Items.parse(await ask('items.list', { thread_id }));
		expect(data.map(({ id }) => id)).toEqual([question!.id, ...again.items.map(({ id }) => id)]);
		expect(data.map(({ id }) => id)).not.toContain(old[0]!.id);
	});

	test('leaving stops the run, and what was said stays', async () => {
		const leaving = new AbortController();
		const response = await post(
			'threads.create',
			{ input: input('Write 2000 words about the sea') },
			leaving.signal
		);
		const reader = new ChatKitReader();
		await read(response, reader, () => {
			if (reader.text.length > 50) leaving.abort();
		}).catch(() => undefined);
		const thread_id = reader.thread!.id;
		const look = async () => {
			const answer = await fetch(`${server.url}/api/conversations/${thread_id}`);
			return (await answer.json()) as { runs: unknown[]; messages: { status?: string }[] };
		};
		await expect.poll(async () => (await look()).runs, { timeout: 20_000 }).toEqual([]);
		expect((await look()).messages.at(-1)?.status).toBe('stopped');
		const { data } = Items.parse(await ask('items.list', { thread_id, order: 'desc' }));
		expect(JSON.stringify(data[0])).toContain(JSON.stringify(reader.text).slice(1, -1));
	});

	test('a quote stands above the question', async () => {
		const reader = new ChatKitReader();
		const quoted = { ...input('Why?'), quoted_text: 'It is.\nSo.' };
		await stream('threads.create', { input: quoted }, reader);
		expect(reader.items[0]).toMatchObject({ content: [{ text: '> It is.\n> So.\n\nWhy?' }] });
	});

	test('feedback is taken for a thread that is there, and goes to the log', async () => {
		const reader = new ChatKitReader();
		await stream('threads.create', { input: input('1+1') }, reader);
		const thread_id = reader.thread!.id;
		const item_ids = [reader.items.at(-1)!.id];
		expect(await ask('items.feedback', { thread_id, item_ids, kind: 'positive' })).toEqual({});
		expect(server.printed()).toContain(`Feedback: positive, thread ${thread_id}`);
		const nowhere = await post('items.feedback', { thread_id: 'x', item_ids, kind: 'positive' });
		expect(nowhere.status).toBe(404);
	});

	test.for([
		['attachments.create', { name: 'a.png', size: 1, mime_type: 'image/png' }, /Attachments/],
		['threads.create', { input: { ...input('hi'), attachments: ['atc_1'] } }, /attachments/],
		['threads.create', { input: input('   ') }, /must not be empty/],
		['threads.create', { input: { content: [{ type: 'input_image' }] } }, /only text/],
		['threads.list', { order: 'asc' }, /newest first/],
		['threads.custom_action', { thread_id: 'x', action: { type: 'a' } }, /no agent/],
		['input.transcribe', { audio_base64: '', mime_type: 'audio/webm' }, /Speech/],
		['threads.nonsense', {}, /type/]
	] as [string, object, RegExp][])(
		'what cannot be served is refused with a sentence: %s %j',
		async ([type, params, sentence]) => {
			const response = await post(type, params);
			expect(response.status).toBe(422);
			const { error } = (await response.json()) as { error: { message: string } };
			expect(error.message).toMatch(sentence);
		}
	);

	test.for(['approve', 'deny'])('what needs a yes is asked in a form: %s', async (value) => {
		const reader = new ChatKitReader();
		await stream('threads.create', { input: input('Save a note: buy milk') }, reader);
		const thread_id = reader.thread!.id;
		const [form] = formsIn(reader);
		expect(form).toMatchObject({ status: 'pending' });
		const listed = Items.parse(await ask('items.list', { thread_id }));
		expect(listed.data.at(-1)).toEqual(form);

		const { id: item_id, inputs } = form!;
		const answers = { [inputs[0]!.id]: { values: [value], skipped: false } };
		const params = { thread_id, item_id, input: { status: 'answered', answers } };
		await stream('threads.add_structured_input', params, reader);
		expect(formsIn(reader)).toMatchObject([
			{ status: 'answered', inputs: [{ answer: { values: [value] } }] }
		]);
		expect(reader.text).toMatch(value === 'approve' ? /saved/i : /not saved/i);
		const { data } = Items.parse(await ask('items.list', { thread_id, limit: 50 }));
		expect(data.map(undated)).toEqual(reader.items.map(undated));
	});

	test('an answer where nothing waits is refused', async () => {
		const reader = new ChatKitReader();
		await stream('threads.create', { input: input('1+1') }, reader);
		const response = await post('threads.add_structured_input', {
			thread_id: reader.thread!.id,
			item_id: 'i',
			input: { status: 'answered', answers: { a: { values: ['approve'] } } }
		});
		expect(response.status).toBe(409);
	});

	function post(type: string, params: object, signal?: AbortSignal): Promise<Response> {
		return fetch(`${server.url}/api/chatkit`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ type, params }),
			signal: signal ?? null
		});
	}

	async function ask(type: string, params: object): Promise<unknown> {
		const response = await post(type, params);
		expect(response.status).toBe(200);
		return response.json();
	}

	async function stream(type: string, params: object, reader: ChatKitReader): Promise<Event[]> {
		const response = await post(type, params);
		if (!response.ok) throw new Error(await response.text());
		const events = await read(response, reader);
		expect(reader.errors).toEqual([]);
		// what waits for a person goes on later
		if (formsIn(reader).every(({ status }) => status === 'answered')) {
			expect(reader.open).toEqual(new Set());
		}
		return events;
	}
});

async function read(
	response: Response,
	reader: ChatKitReader,
	onevent?: () => void
): Promise<Event[]> {
	const events: Event[] = [];
	const parser = createParser({
		onEvent({ data, event }) {
			expect(event).toBeUndefined();
			events.push(reader.read(data));
			onevent?.();
		}
	});
	for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
		parser.feed(chunk);
	}
	return events;
}

/** The ids on all pages of a list. */
async function pages(
	page: (after?: string) => Promise<unknown>,
	schema: z.ZodType<{ data: { id: string }[]; has_more: boolean; after?: string | undefined }>
): Promise<string[]> {
	const ids: string[] = [];
	for (let after: string | undefined, more = true; more;) {
		const found = schema.parse(await page(after));
		ids.push(...found.data.map(({ id }) => id));
		({ after, has_more: more } = found);
	}
	return ids;
}

function folded(events: Parameters<typeof fold>[1][]): Message[] {
	const messages: Message[] = [];
	for (const event of events) fold(messages, event);
	return messages;
}

function formsIn({ items }: ChatKitReader) {
	return items.filter((item) => item.type === 'structured_input');
}

/** Without when and where. */
function undated<T extends object>(item: T): T {
	return { ...item, created_at: undefined, thread_id: undefined };
}

function input(text: string) {
	return {
		content: [{ type: 'input_text', text }],
		attachments: [],
		quoted_text: '',
		inference_options: {}
	};
}
