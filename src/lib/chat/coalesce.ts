import type { UIMessageChunk } from 'ai';
import { actual, type Surroundings } from './surroundings.ts';

const WINDOW_MS = 33;

/**
 * Merges the deltas of one part that come within 33 ms into one, so that a reader whose work is per
 * chunk, as the AI SDK's `Chat` is, works thirty times a second at most.
 *
 * The first delta of a part is never held back. Everything else goes through at once, after the
 * deltas before it, so nothing is ever out of order. Cancelling cancels the source.
 */
export function coalesce(
	source: ReadableStream<UIMessageChunk>,
	surroundings: Surroundings = actual
): ReadableStream<UIMessageChunk> {
	const reader = source.getReader();
	const merged = merge(reader, surroundings);
	return new ReadableStream<UIMessageChunk>(
		{
			async pull(controller) {
				const result = await merged.next();
				if (result.done) controller.close();
				else controller.enqueue(result.value);
			},
			cancel: (reason: unknown) => reader.cancel(reason)
		},
		{ highWaterMark: 0 }
	);
}

async function* merge(
	reader: ReadableStreamDefaultReader<UIMessageChunk>,
	{ after }: Surroundings
): AsyncGenerator<UIMessageChunk> {
	const begun = new Set<string>();
	const waiting = new Map<string, UIMessageChunk>();
	let reading = reader.read();
	let callOff: (() => void) | undefined;
	let due: Promise<undefined> | undefined;

	try {
		for (;;) {
			const next = await (due ? Promise.race([reading, due]) : reading);
			const chunk = next?.value;
			const part = chunk && partOf(chunk);
			if (chunk && part !== undefined && begun.has(part)) {
				const before = waiting.get(part);
				waiting.set(part, before ? join(before, chunk) : chunk);
				due ??= new Promise((resolve) => {
					callOff = after(WINDOW_MS, () => {
						resolve(undefined);
					});
				});
				reading = reader.read();
				continue;
			}

			yield* flush(waiting);
			callOff?.();
			due = undefined;
			if (part !== undefined) begun.add(part);
			if (chunk) yield chunk;
			if (next?.done) return;
			if (next) reading = reader.read();
		}
	} catch (cause) {
		yield* flush(waiting); // what came before the end is shown, whatever the end was
		throw cause;
	} finally {
		callOff?.();
	}
}

function* flush(waiting: Map<string, UIMessageChunk>): Generator<UIMessageChunk> {
	yield* waiting.values();
	waiting.clear();
}

/** Which part a delta belongs to; undefined for what is no delta. */
function partOf(chunk: UIMessageChunk): string | undefined {
	if (chunk.type === 'text-delta' || chunk.type === 'reasoning-delta') {
		return `${chunk.type} ${chunk.id}`;
	}
	if (chunk.type === 'tool-input-delta') return `${chunk.type} ${chunk.toolCallId}`;
	return undefined;
}

/** Two deltas of one part as one; what else they carry is the later one's. */
function join(before: UIMessageChunk, delta: UIMessageChunk): UIMessageChunk {
	if ('delta' in before && 'delta' in delta) {
		return { ...before, ...delta, delta: before.delta + delta.delta };
	}
	if (before.type === 'tool-input-delta' && delta.type === 'tool-input-delta') {
		const inputTextDelta = before.inputTextDelta + delta.inputTextDelta;
		return { ...before, ...delta, inputTextDelta };
	}
	return delta;
}
