import type { UIMessageChunk } from 'ai';
import type { MessageStatus } from '#lib/protocol/messages.ts';
import { Unreachable } from './server.ts';
import type { ReplyMetadata } from './ui-messages.ts';

const STATUS: Record<string, MessageStatus> = { length: 'limit', 'tool-calls': 'paused' };

/**
 * Writes into a reply's metadata how it came out, which the AI SDK's `Chat` forgets: it takes a
 * stopped reply, and one whose stream was cut, for a finished one.
 *
 * A reply that failed ends like any other, its failure in its metadata; a stream that ends without
 * an end of its reply, or with void text in it, fails as `Unreachable`: its reader comes again. `onrun` is told the run's id as soon as it is known.
 */
export function outcome(
	onrun: (runId: string) => void
): TransformStream<UIMessageChunk, UIMessageChunk> {
	let over = false;
	let failure: ReplyMetadata['failure'];

	return new TransformStream({
		transform(chunk, controller) {
			const mark = (messageMetadata: ReplyMetadata) => {
				over = true;
				controller.enqueue({ type: 'message-metadata', messageMetadata });
			};
			const metadata = metadataOf(chunk);
			failure = metadata.failure ?? failure;
			if (chunk.type === 'start' && metadata.runId !== undefined) onrun(metadata.runId);
			if (chunk.type === 'data-rewind') throw new Unreachable('A part of this is void.');
			if (chunk.type === 'finish') mark({ status: STATUS[chunk.finishReason ?? ''] ?? 'done' });
			if (chunk.type === 'abort') mark({ status: 'stopped' });
			if (chunk.type === 'error') {
				failure ??= { code: 'internal', message: chunk.errorText, retryable: true };
				mark({ status: 'failed', failure });
				return;
			}
			controller.enqueue(chunk);
		},
		flush() {
			if (!over) throw new Unreachable('The connection ended before the answer did.');
		}
	});
}

/** The wire is our own, so what it carries is what we know it to be. */
function metadataOf(chunk: UIMessageChunk): ReplyMetadata {
	if (!('messageMetadata' in chunk)) return {};
	return chunk.messageMetadata ?? {};
}
