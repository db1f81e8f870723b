import type { Numbered } from '#lib/protocol/events.ts';
import { encodeRun } from './encode-run.ts';
import { formatFrame, type Frame, KEEP_ALIVE_BLOCK, RETRY_BLOCK, SSE_HEADERS } from './sse.ts';
import type { Wire } from './wire.ts';

/** A run as somebody follows it. */
export interface Followed {
	runId: string;
	/** The run's events after that one, in batches; ends when the signal aborts. */
	follow: (after: number, signal: AbortSignal) => AsyncIterable<Numbered[]>;
	/** The last event that the reader has. */
	after: number;
	/** The run has ended: its rest is all there. */
	over: boolean;
	/** Is told when the reader leaves before the end. */
	onleave?: () => void;
	/** Is told when a reader is let go that takes nothing: what waits for it is to be let go as well. */
	oncut?: () => void;
	listener?: Listener;
	/** What is said before the events; it has no place in the log, so nobody resumes from it. */
	opening?: Frame[];
}

/** Whoever reads, as far as it is not the reader's own business. */
export interface Listener {
	/** Aborts when it may listen no longer: the stream ends, which is not leaving. */
	readonly expired: AbortSignal;
	/** Is told that the stream is over, however that came about. */
	leave: () => void;
}

/** Milliseconds after which something happens by itself. */
export interface Patience {
	/** Nothing was said: a comment is. */
	keepAliveMs: number;
	/** A reader took nothing though there was something: it is let go, and may come again. */
	stallMs: number;
}

/**
 * Answers with a run on a wire.
 *
 * The body is pulled: a reader that does not read costs one batch. Cancelling it (the reader left)
 * ends the following, and the run only if `onleave` does that. For a run that is over and whose rest
 * has no words on this wire the answer is 204, which keeps an `EventSource` from coming again.
 */
export async function respond(
	{ runId, follow, after, over, onleave, oncut, listener, opening = [] }: Followed,
	wire: Wire,
	{ keepAliveMs, stallMs }: Patience
): Promise<Response> {
	const leaving = new AbortController();
	if (listener?.expired.aborted) leaving.abort();
	const events = follow(wire.recalls ? 0 : after, leaving.signal);
	const blocks = encodeRun(runId, events, wire, after);

	let ahead: Promise<IteratorResult<string, void>> | undefined;
	if (over) {
		ahead = blocks.next();
		let last: boolean | undefined = true;
		try {
			last = (await ahead).done;
		} finally {
			if (last) listener?.leave();
		}
		if (last) return new Response(null, { status: 204 });
	}

	let silence: ReturnType<typeof setInterval> | undefined;
	let stall: ReturnType<typeof setTimeout> | undefined;
	let wanted = false;
	const close = () => {
		clearInterval(silence);
		clearTimeout(stall);
		listener?.leave();
	};
	const leave = async () => {
		close();
		leaving.abort();
		await blocks.return(undefined);
	};
	const body = new ReadableStream<Uint8Array>(
		{
			start(controller) {
				const blocks = RETRY_BLOCK + opening.map(formatFrame).join('');
				controller.enqueue(encoder.encode(blocks)); // sends the headers as well, at once
				silence = setInterval(() => {
					if (wanted) controller.enqueue(encoder.encode(KEEP_ALIVE_BLOCK));
				}, keepAliveMs);
				const cut = () => {
					if (wanted) return;
					controller.error(new Error('The reader takes nothing.'));
					oncut?.();
					void leave();
				};
				stall = setTimeout(cut, stallMs);
				listener?.expired.addEventListener('abort', () => {
					leaving.abort(); // who waits for more sees the end of the stream
					cut();
				});
			},
			async pull(controller) {
				wanted = true;
				let next: IteratorResult<string, void> | undefined;
				try {
					next = await (ahead ?? blocks.next());
				} finally {
					wanted = false;
					if (next?.done === false) {
						silence?.refresh();
						stall?.refresh();
					} else close();
				}
				ahead = undefined;
				if (next.done) controller.close();
				else controller.enqueue(encoder.encode(next.value));
			},
			async cancel() {
				onleave?.();
				await leave();
			}
		},
		{ highWaterMark: 0 }
	);
	return new Response(body, { headers: { ...SSE_HEADERS, ...wire.headers, 'x-run-id': runId } });
}

const encoder = new TextEncoder();
