import { isTerminal, type Numbered } from '#lib/protocol/events.ts';
import type { RunRecord, Store } from '#lib/server/store/store.ts';
import { sizeOf } from './deltas.ts';
import type { Doorbells } from './doorbells.ts';
import type { Run } from './run.ts';
import { Wake } from './wake.ts';

/** Batches of committed events, in order, without gap or repeat. */
export type Follower = AsyncGenerator<Numbered[], void, void>;

/** A follower is fed about so much at a time, in UTF-16 units: one that reads slowly costs no more. */
const BATCH = 64 * 1024;
/** How often the log of a run that nobody here answers is looked at, in milliseconds. */
const GLANCE_MS = 250;
/** The same for a run that waits for a person: whoever goes on with it rings. */
const PAUSED_GLANCE_MS = 5000;

/** Where runs are found: their logs, those that are answered here, and who wants to know of them. */
export interface FollowedRuns {
	store: Store;
	live: (runId: string) => Run | undefined;
	bells: Doorbells;
	/** Aborts when the process leaves, after which all bells ring. */
	leaving: AbortSignal;
}

/**
 * Follows a run from after event `after` to its end: from memory while it is live and the cursor is
 * near, from the store otherwise. Ends early, and quietly, when the signal aborts or the process
 * leaves.
 */
export async function* follow(
	{ store, live, bells, leaving }: FollowedRuns,
	runId: string,
	after: number,
	signal: AbortSignal
): Follower {
	const wake = new Wake();
	signal.addEventListener('abort', wake.ring);
	bells.hang(runId, wake);
	// not one signal out of both: each look at such a signal looks at all that it is made of
	const gone = () => signal.aborted || leaving.aborted;
	let run: Run | undefined;
	try {
		for (let cursor = after; !gone();) {
			run ??= live(runId);
			const recent = run?.recent(cursor);
			// one that is closed still has its last words in memory; after a pause there is another
			if (recent?.length === 0 && run?.closed.aborted) run = undefined;
			const events = run && recent ? recent : await store.events(runId, cursor, BATCH);
			for (const batch of portions(events)) {
				if (gone()) return;
				yield batch;
			}
			const last = events.at(-1);
			if (last) {
				if (isTerminal(last)) return;
				cursor = last.seq;
			} else if (run && !run.closed.aborted) await wake.heard();
			else {
				const record = await store.run(runId);
				if (!record || isOver(record, cursor)) return;
				await wake.heard(record.status === 'paused' ? PAUSED_GLANCE_MS : GLANCE_MS);
			}
		}
	} finally {
		bells.take(runId, wake);
		signal.removeEventListener('abort', wake.ring);
	}
}

function isOver({ status, lastSeq }: RunRecord, cursor: number): boolean {
	return status !== 'running' && status !== 'paused' && lastSeq <= cursor;
}

function* portions(events: Numbered[]): Generator<Numbered[]> {
	let from = 0;
	let size = 0;
	for (const [index, event] of events.entries()) {
		size += sizeOf(event);
		if (size < BATCH) continue;
		yield events.slice(from, index + 1);
		from = index + 1;
		size = 0;
	}
	if (from < events.length) yield from === 0 ? events : events.slice(from);
}
