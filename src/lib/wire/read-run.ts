import { createParser } from 'eventsource-parser';
import type { Numbered } from '#lib/protocol/events.ts';

/** What came is no run on the `native` wire: another server's page, or a broken one. */
export class UnreadableRun extends Error {}

/**
 * Reads a run back from the bytes of the `native` wire.
 *
 * What one chunk of the network completes comes as one batch, in order. An empty batch says that
 * bytes came (a keep-alive, half an event) and completed nothing: the connection lives. Event types
 * that are not known are passed on. A block that is cut off by the end of the bytes is dropped.
 *
 * @param onretry is told the milliseconds the server asks to wait before a reconnect
 * @throws {UnreadableRun} when a block is no numbered event
 */
export async function* readRun(
	body: AsyncIterable<Uint8Array>,
	onretry?: (milliseconds: number) => void
): AsyncGenerator<Numbered[]> {
	let batch: Numbered[] = [];
	const decoder = new TextDecoder();
	const parser = createParser({
		onEvent: ({ data }) => batch.push(parseEvent(data)),
		onRetry: onretry
	});

	for await (const bytes of body) {
		parser.feed(decoder.decode(bytes, { stream: true }));
		yield batch;
		batch = [];
	}
}

function parseEvent(data: string): Numbered {
	let event: unknown;
	try {
		event = JSON.parse(data);
	} catch (cause) {
		throw new UnreadableRun('The server sent a block that is not JSON.', { cause });
	}
	if (isNumbered(event)) return event;
	throw new UnreadableRun('The server sent a block that is not a numbered event.');
}

function isNumbered(value: unknown): value is Numbered {
	if (typeof value !== 'object' || value === null) return false;
	if (!('seq' in value) || !('type' in value)) return false;
	return Number.isSafeInteger(value.seq) && typeof value.type === 'string';
}
