import { createParser, type EventSourceMessage } from 'eventsource-parser';
import {
	readUIMessageStream,
	uiMessageChunkSchema,
	parseJsonEventStream,
	type UIMessage,
	type UIMessageChunk
} from 'ai';
import { describe, expect, test } from 'vitest';
import type { Numbered } from '#lib/protocol/events.ts';
import { fold } from '#lib/protocol/fold.ts';
import { textOf, type Message } from '#lib/protocol/messages.ts';
import {
	transcript,
	transcripts,
	type Transcript
} from '../../../tests/transcripts/transcripts.ts';
import { ChatKitReader } from '../../../tests/clients/chatkit-reader.ts';
import { encodeRun, encoderOf } from './encode-run.ts';
import { WIRES } from './wires.ts';

const wires = Object.values(WIRES);

describe.for(wires.map((wire) => [wire.name, wire] as const))('%s', ([, wire]) => {
	test.for(transcripts)('$name is read back as it was said', async (recorded) => {
		const { runId, events } = recorded;
		const encode = wire.recalls ? encoderOf(wire) : (event: Numbered) => wire.encode(event);
		const expected = upToLast(events).flatMap((event) => {
			const id = `${runId}:${String(event.seq)}`;
			return encode(event).map(({ event: name, data = '' }, index, frames) => ({
				id: index === frames.length - 1 ? id : undefined,
				event: name,
				data: data.toWellFormed().replaceAll(/\r\n|\r/g, '\n')
			}));
		});
		const read = parse(await say(recorded));
		expect(read.map(({ id, event, data }) => ({ id, event, data }))).toEqual(expected);
	});

	test.for(transcripts)('$name is LF only, and says its id last', async (recorded) => {
		const blocks = (await say(recorded)).split('\n\n').slice(0, -1);
		for (const block of blocks) {
			expect(block).not.toContain('\r');
			expect(block).toMatch(/^(id: [^\n]+|(event: [^\n]+\n)?data: .*)$/s);
			if (block.includes('\nid: ')) expect(block).toMatch(/\nid: run-[a-z-]+:\d+$/);
		}
	});

	test.for(transcripts)('$name resumed after any event goes on with the rest', async (recorded) => {
		const whole = await say(recorded);
		for (const { seq } of upToLast(recorded.events).slice(0, -1)) {
			const before = await say({ ...recorded, events: recorded.events.slice(0, seq) });
			const rest = await say(recorded, 'live', seq);
			expect(before + rest).toBe(whole);
		}
	});

	test.for(['rewound', 'retracted'])(
		'what is void is never shown as if it stood: %s',
		async (name) => {
			const recorded = transcript(name);
			const replies = [await say(recorded), await say(recorded, 'whole')];
			for (const reply of replies) {
				const { text, failed } = await shown(wire.name, reply);
				expect([FAILED, compact(standing(recorded))]).toContain(failed ? FAILED : compact(text));
				// a replay knows what became of it, and needs no failure
				if (name === 'rewound' && reply === replies[1]) expect(failed).toBe(false);
			}
		}
	);

	/** The events up to the one that is this wire's last word. */
	function upToLast(events: Numbered[]): Numbered[] {
		const index = events.findIndex((event) => wire.last?.(event));
		return index === -1 ? events : events.slice(0, index + 1);
	}

	/** The stream, live (each event by itself) or of a run that is over (all events at once). */
	async function say({ runId, events }: Transcript, how: 'live' | 'whole' = 'live', after = 0) {
		const read = wire.recalls ? events : events.slice(after);
		// eslint-disable-next-line @typescript-eslint/require-await
		const batches = async function* () {
			if (how === 'whole') yield read;
			else for (const event of read) yield [event];
		};
		let text = '';
		for await (const blocks of encodeRun(runId, batches(), wire, after)) text += blocks;
		// through bytes, as on the network
		return new TextDecoder().decode(new TextEncoder().encode(text));
	}
});

const FAILED = 'told that it failed';

interface Shown {
	text: string;
	/** The reader was told that what it has is not the answer. */
	failed: boolean;
}

/** What a person sees in the end, by what the client of each wire does. */
const READERS: Record<string, (messages: EventSourceMessage[]) => Shown | Promise<Shown>> = {
	native: (messages) => {
		const events = messages.map(({ data }) => JSON.parse(data) as Numbered);
		return { text: standing({ events }), failed: false };
	},
	text: (messages) => ({
		text: joined(messages, ({ event, data }) => (event === undefined ? data : '')),
		failed: messages.at(-1)?.event === 'error-message'
	}),
	delta: (messages) => ({
		text: joined(messages, ({ data }) => objectIn(data).delta),
		failed: messages.some(({ data }) => objectIn(data).error !== undefined)
	}),
	typed: (messages) => ({
		text: joined(messages, ({ data }) => objectIn(data).content),
		failed: messages.some(({ data }) => objectIn(data).type === 'error')
	}),
	steps: (messages) => ({
		text: joined(messages, ({ data }) => objectIn(data).data?.token),
		failed: messages.some(({ data }) => objectIn(data).event === 'on_error')
	}),
	named: (messages) => ({
		text: joined(messages, ({ event, data }) => (event === 'token' ? data : '')),
		failed: messages.some(({ event }) => event === 'failed')
	}),
	chatkit: (messages) => {
		const reader = new ChatKitReader();
		for (const { data } of messages) reader.read(data);
		return { text: reader.text, failed: reader.errors.length > 0 };
	},
	'ag-ui': (messages) => ({
		text: joined(messages, ({ data }) => {
			const { type, delta } = objectIn(data);
			return type === 'TEXT_MESSAGE_CONTENT' ? delta : '';
		}),
		failed: messages.some(({ data }) => objectIn(data).type === 'RUN_ERROR')
	}),
	openai: (messages) => ({
		text: joined(messages, ({ data }) => objectIn(data).choices?.[0]?.delta?.content),
		failed: messages.some(({ data }) => objectIn(data).error !== undefined)
	}),
	'openai-responses': (messages) => {
		const { response } = objectIn(messages.at(-1)?.data ?? '');
		const pieces = response?.output?.flatMap(({ content = [] }) => content) ?? [];
		return {
			text: pieces.map(({ text }) => text).join(''),
			failed: response === undefined || response.status === 'failed'
		};
	},
	'ui-message': async (messages) => {
		const body = messages.map(({ data }) => `data: ${data}\n\n`).join('');
		const stream = parseJsonEventStream({
			stream: new Blob([body]).stream(),
			schema: uiMessageChunkSchema
		}).pipeThrough(
			new TransformStream<Parsed, UIMessageChunk>({
				transform(chunk, controller) {
					if (!chunk.success) throw chunk.error;
					controller.enqueue(chunk.value);
				}
			})
		);
		let failed = false;
		let message: UIMessage | undefined;
		const onError = () => {
			failed = true;
		};
		for await (const read of readUIMessageStream({ stream, onError })) message = read;
		const texts = message?.parts.flatMap((part) => (part.type === 'text' ? part.text : []));
		return { text: texts?.join('\n\n') ?? '', failed };
	}
};

function shown(wire: string, reply: string): Shown | Promise<Shown> {
	const read = READERS[wire];
	if (!read) throw new Error(`Say here what a client of the wire ${wire} shows.`);
	return read(parse(reply));
}

function parse(text: string): EventSourceMessage[] {
	const messages: EventSourceMessage[] = [];
	createParser({ onEvent: (message) => messages.push(message) }).feed(text);
	return messages;
}

/** The text of the reply that stands in the end. */
function standing({ events }: { events: Numbered[] }): string {
	const messages: Message[] = [];
	for (const event of events) fold(messages, event);
	const [reply] = messages;
	if (reply?.role !== 'assistant') throw new Error('There is no reply.');
	return reply.retracted === undefined ? textOf(reply) : '';
}

/** Without the blank lines that part the texts of a message: not every wire has them. */
function compact(text: string): string {
	return text.replaceAll('\n\n', '');
}

type Parsed = { success: true; value: UIMessageChunk } | { success: false; error: Error };

interface Said {
	type?: string;
	event?: string;
	delta?: string;
	content?: string;
	error?: unknown;
	data?: { token?: string };
	choices?: { delta?: { content?: string } }[];
	response?: { status: string; output?: { content?: { text: string }[] }[] };
}

function objectIn(data: string): Said {
	return data.startsWith('{') ? (JSON.parse(data) as Said) : {};
}

function joined(
	messages: EventSourceMessage[],
	pick: (message: EventSourceMessage) => string | undefined
): string {
	return messages.map((message) => pick(message) ?? '').join('');
}
