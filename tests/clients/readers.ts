import {
	parseJsonEventStream,
	readUIMessageStream,
	uiMessageChunkSchema,
	type UIMessage,
	type UIMessageChunk
} from 'ai';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Numbered } from '#lib/protocol/events.ts';
import { fold } from '#lib/protocol/fold.ts';
import { textOf, type Message } from '#lib/protocol/messages.ts';
import { ChatKitReader } from './chatkit-reader.ts';

/** What a person sees in the end. */
export interface Shown {
	text: string;
	/** The reader was told that what it has is not the answer. */
	failed: boolean;
}

/** By what the client of each wire does. */
const READERS: Record<string, (messages: EventSourceMessage[]) => Shown | Promise<Shown>> = {
	native: (messages) => {
		const events = messages.map(({ data }) => JSON.parse(data) as Numbered);
		const failed = events.some(({ type }) => type === 'run-error' || type === 'run-retract');
		return { text: standing({ events }), failed };
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
		text: joined(messages, ({ data }) => {
			const { type, content } = objectIn(data);
			return type === 'text' ? content : '';
		}),
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
		return { text: reader.text, failed: reader.errors.length + reader.withdrawals > 0 };
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
			failed:
				response?.status !== 'completed' &&
				response?.incomplete_details?.reason !== 'max_output_tokens' &&
				response?.status !== 'cancelled'
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

/** What a client of that wire shows of a whole stream. */
export function shown(wire: string, reply: string): Shown | Promise<Shown> {
	const read = READERS[wire];
	if (!read) throw new Error(`Say here what a client of the wire ${wire} shows.`);
	return read(parse(reply));
}

/** The frames of a stream, by somebody else's parser. */
export function parse(text: string): EventSourceMessage[] {
	const messages: EventSourceMessage[] = [];
	createParser({ onEvent: (message) => messages.push(message) }).feed(text);
	return messages;
}

/** The text of the reply that stands in the end. */
export function standing({ events }: { events: Numbered[] }): string {
	const messages: Message[] = [];
	for (const event of events) fold(messages, event);
	const [reply] = messages;
	if (reply?.role !== 'assistant') throw new Error('There is no reply.');
	return reply.retracted === undefined ? textOf(reply) : '';
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
	response?: {
		status: string;
		incomplete_details?: { reason: string } | null;
		output?: { content?: { text: string }[] }[];
	};
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
