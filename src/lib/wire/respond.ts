import type { Numbered } from '#lib/protocol/events.ts';
import { encodeRun } from './encode-run.ts';
import { KEEP_ALIVE_BLOCK, RETRY_BLOCK, SSE_HEADERS } from './sse.ts';
import type { Wire } from './wire.ts';

/** A run as somebody follows it. */
export interface Followed {
	runId: string;
	/** The run's events after a cursor, in batches; ends when the signal aborts. */
	follow: (signal: AbortSignal) => AsyncIterable<Numbered[]>;
	/** The run has ended: its rest is all there. */
	over: boolean;
}

/**
 * Answers with a run on a wire.
 *
 * The body is pulled: a reader that does not read costs one batch. Cancelling it (the reader left)
 * ends the following, never the run. For a run that is over and whose rest has no words on this
 * wire the answer is 204, which keeps an `EventSource` from coming again.
 */
export async function respond(
	{ runId, follow, over }: Followed,
	wire: Wire,
	keepAliveMs: number
): Promise<Response> {
	const leaving = new AbortController();
	const blocks = encodeRun(runId, follow(leaving.signal), wire);

	let ahead: Promise<IteratorResult<string, void>> | undefined;
	if (over) {
		const first = await blocks.next();
		if (first.done) return new Response(null, { status: 204 });
		ahead = Promise.resolve(first);
	}

	let silence: ReturnType<typeof setInterval> | undefined;
	let wanted = false;
	const body = new ReadableStream<Uint8Array>(
		{
			start(controller) {
				controller.enqueue(encoder.encode(RETRY_BLOCK)); // sends the headers as well, at once
				silence = setInterval(() => {
					if (wanted) controller.enqueue(encoder.encode(KEEP_ALIVE_BLOCK));
				}, keepAliveMs);
			},
			async pull(controller) {
				wanted = true;
				let next: IteratorResult<string, void> | undefined;
				try {
					next = await (ahead ?? blocks.next());
				} finally {
					wanted = false;
					if (next?.done === false) silence?.refresh();
					else clearInterval(silence);
				}
				ahead = undefined;
				if (next.done) controller.close();
				else controller.enqueue(encoder.encode(next.value));
			},
			async cancel() {
				clearInterval(silence);
				leaving.abort();
				await blocks.return(undefined);
			}
		},
		{ highWaterMark: 0 }
	);
	return new Response(body, { headers: { ...SSE_HEADERS, ...wire.headers } });
}

const encoder = new TextEncoder();
