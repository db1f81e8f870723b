import type { IncomingMessage } from 'node:http';
import { createParser } from 'eventsource-parser';
import type { RunFailure } from './answer.ts';
import type { Digest } from './digests.ts';
import { brokenOff, unintelligible } from './failures.ts';
import type { Hear } from './model-client.ts';

const LONGEST_LINE = 16 * 1024 * 1024;
const LARGEST_BODY = 256 * 1024 * 1024;
const PATIENCE_AFTER_END_MS = 1000;

/**
 * Reads a model server's events as they arrive: each is parsed once and heard at once. Resolves with
 * what the digest makes of them when the answer is over; rejects when the answer does not come to an
 * end, or is none.
 */
export function readEvents(
	incoming: IncomingMessage,
	digest: Digest,
	hear: Hear
): Promise<unknown[]> {
	const reading = new Reading(incoming, digest, hear);
	reading.start();
	return reading.events;
}

class Reading {
	readonly events: Promise<unknown[]>;
	readonly #incoming: IncomingMessage;
	readonly #digest: Digest;
	readonly #hear: Hear;
	readonly #resolve: (events: unknown[]) => void;
	readonly #reject: (failure: RunFailure) => void;
	#settled = false;

	constructor(incoming: IncomingMessage, digest: Digest, hear: Hear) {
		this.#incoming = incoming;
		this.#digest = digest;
		this.#hear = hear;
		const { promise, resolve, reject } = Promise.withResolvers<unknown[]>();
		this.events = promise;
		this.#resolve = resolve;
		this.#reject = reject;
	}

	start(): void {
		const parser = createParser({
			maxBufferSize: LONGEST_LINE,
			onEvent: ({ data }) => {
				this.#take(data);
			},
			onError: (error) => {
				if (error.type === 'max-buffer-size-exceeded') this.#fail(unintelligible(error));
			}
		});
		let size = 0;
		this.#incoming.setEncoding('utf8');
		this.#incoming.on('data', (piece: string) => {
			if (this.#settled) return;
			size += piece.length;
			if (size > LARGEST_BODY) this.#fail(unintelligible(new Error('It sends without end.')));
			else parser.feed(piece);
		});
		this.#incoming.on('end', () => {
			this.#end();
		});
		this.#incoming.on('error', (cause) => {
			this.#end(cause);
		});
	}

	#take(data: string): void {
		if (this.#settled) return;
		try {
			if (data === '[DONE]') this.#digest.sentinel();
			else {
				const event: unknown = JSON.parse(data);
				this.#digest.take(event);
				this.#hear(event);
			}
		} catch (cause) {
			this.#fail(unintelligible(cause));
			return;
		}
		if (this.#digest.over) this.#end();
	}

	/** The answer is over, or the stream is. A connection that is not closed then is closed here. */
	#end(cause?: unknown): void {
		if (this.#settled) return;
		if (!this.#digest.whole) {
			this.#fail(brokenOff(cause));
			return;
		}
		this.#settled = true;
		this.#resolve(this.#digest.events());
		const impatience = setTimeout(() => this.#incoming.destroy(), PATIENCE_AFTER_END_MS).unref();
		this.#incoming.once('close', () => {
			clearTimeout(impatience);
		});
	}

	#fail(failure: RunFailure): void {
		if (this.#settled) return;
		this.#settled = true;
		this.#reject(failure);
		this.#incoming.destroy();
	}
}
