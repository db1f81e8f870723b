import { APICallError, type ChatTransport, DefaultChatTransport, type UIMessageChunk } from 'ai';
import { BackOff } from './back-off.ts';
import { coalesce } from './coalesce.ts';
import { Connection } from './connection.ts';
import { outcome } from './outcome.ts';
import { Refused, Unreachable, willPass } from './server.ts';
import type { Surroundings } from './surroundings.ts';
import type { ChatMessage } from './ui-messages.ts';

const SILENCE_MS = 37_500; // two and a half times what the server lets pass without a word
const START_TRIES = 6;

/** What a conversation wants to know of its transport. */
export interface Listener {
	/** The server took the question. */
	onaccept: () => void;
	onrun: (runId: string) => void;
	/** There was no reply under way to go on with. */
	onnothing: () => void;
}

/**
 * The AI SDK's own transport, made for long answers: deltas are merged, a dead connection is found
 * out, a question that did not arrive is sent again with its key, and refusals are `Refused`.
 */
export class RunTransport implements ChatTransport<ChatMessage> {
	readonly #inner: ChatTransport<ChatMessage>;
	readonly #listener: Listener;
	readonly #surroundings: Surroundings;

	constructor(fetch: typeof globalThis.fetch, listener: Listener, surroundings: Surroundings) {
		this.#listener = listener;
		this.#surroundings = surroundings;
		this.#inner = new DefaultChatTransport({
			fetch: watched(fetch, surroundings),
			prepareSendMessagesRequest: ({ id, messages, trigger, messageId }) => ({
				// the server keeps its own history, and takes only the newest question from us
				body: { id, messages: messages.slice(-1), trigger, messageId }
			})
		});
	}

	async sendMessages(options: Parameters<ChatTransport<ChatMessage>['sendMessages']>[0]) {
		const backOff = new BackOff(this.#surroundings);
		const { abortSignal: signal = new AbortController().signal } = options;
		for (;;) {
			try {
				const stream = await this.#inner.sendMessages(options);
				this.#listener.onaccept();
				return this.#read(stream);
			} catch (cause) {
				if (signal.aborted) throw cause;
				const trouble = plain(cause);
				if (!willPass(trouble) || backOff.tries + 1 >= START_TRIES) throw trouble;
				await backOff.wait(signal);
				signal.throwIfAborted();
			}
		}
	}

	async reconnectToStream(options: Parameters<ChatTransport<ChatMessage>['reconnectToStream']>[0]) {
		try {
			const stream = await this.#inner.reconnectToStream(options);
			if (!stream) this.#listener.onnothing();
			return stream && this.#read(stream);
		} catch (cause) {
			throw plain(cause);
		}
	}

	#read(stream: ReadableStream<UIMessageChunk>): ReadableStream<UIMessageChunk> {
		const marked = stream.pipeThrough(outcome(this.#listener.onrun));
		return coalesce(marked, this.#surroundings);
	}
}

/** A `fetch` that fails as `Unreachable`, also when nothing comes for too long. */
function watched(
	fetch: typeof globalThis.fetch,
	surroundings: Surroundings
): typeof globalThis.fetch {
	return async (input, init) => {
		const leaving = init?.signal ?? new AbortController().signal;
		const connection = new Connection(SILENCE_MS, surroundings, leaving);
		try {
			const response = await fetch(input, { ...init, signal: connection.signal });
			// a 204 from a network has a body in some browsers, and no new response takes one with it
			if (response.body && response.status !== 204) {
				return new Response(listen(response.body, connection), response);
			}
			connection.drop();
			return response;
		} catch (cause) {
			connection.drop();
			leaving.throwIfAborted();
			throw new Unreachable('The server cannot be reached.', { cause });
		}
	};
}

function listen(
	body: ReadableStream<Uint8Array<ArrayBuffer>>,
	connection: Connection
): ReadableStream<Uint8Array<ArrayBuffer>> {
	const reader = body.getReader();
	return new ReadableStream(
		{
			async pull(controller) {
				try {
					const { done, value } = await reader.read();
					connection.heard();
					if (value) controller.enqueue(value);
					if (!done) return;
					connection.drop();
					controller.close();
				} catch (cause) {
					connection.drop();
					throw new Unreachable('The connection was cut.', { cause });
				}
			},
			async cancel(reason) {
				connection.drop();
				await reader.cancel(reason);
			}
		},
		{ highWaterMark: 0 }
	);
}

/** What the AI SDK throws for an answer that is no stream, in our words. */
function plain(cause: unknown): unknown {
	if (!APICallError.isInstance(cause) || cause.statusCode === undefined) return cause;
	const status = cause.statusCode;
	try {
		const { error } = JSON.parse(cause.responseBody ?? '') as {
			error: { code: string; message: string };
		};
		return new Refused(status, error.code, error.message);
	} catch {
		const message = `The server answered with status ${String(status)}.`;
		return new Refused(status, `http-${String(status)}`, message);
	}
}
