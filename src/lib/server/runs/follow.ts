import { setTimeout as sleep } from 'node:timers/promises';
import { isTerminal, type Numbered } from '#lib/protocol/events.ts';
import type { Store } from '#lib/server/store/store.ts';
import { sizeOf, type Run } from './run.ts';
import { Wake } from './wake.ts';

/** Batches of committed events, in order, without gap or repeat. */
export type Follower = AsyncGenerator<Numbered[], void, void>;

/** A follower is fed about so much at a time, in UTF-16 units: one that reads slowly costs no more. */
const BATCH = 64 * 1024;
/** How often the log of a run that another process answers is looked at, in milliseconds. */
const GLANCE_MS = 250;

/**
 * Follows a run from after event `after` to its end: from memory while it is live and the cursor is
 * near, from the store otherwise. Ends early, and quietly, when the signal aborts.
 */
export async function* follow(
	store: Store,
	liveRun: (id: string) => Run | undefined,
	runId: string,
	after: number,
	signal: AbortSignal
): Follower {
	const wake = new Wake();
	signal.addEventListener('abort', wake.ring);
	const run = liveRun(runId);
	run?.wakes.add(wake);
	try {
		for (let cursor = after; !signal.aborted;) {
			const events = run?.recent(cursor) ?? (await store.events(runId, cursor, BATCH));
			for (const batch of portions(events)) {
				if (isAborted(signal)) return;
				yield batch;
			}
			const last = events.at(-1);
			if (last) {
				if (isTerminal(last)) return;
				cursor = last.seq;
			} else if (run && !run.closed.aborted) await wake.heard();
			else if (await isOver(store, runId, cursor)) return;
			else await sleep(GLANCE_MS, undefined, { signal }).catch(() => undefined);
		}
	} finally {
		run?.wakes.delete(wake);
		signal.removeEventListener('abort', wake.ring);
	}
}

async function isOver(store: Store, runId: string, cursor: number): Promise<boolean> {
	const record = await store.run(runId);
	if (!record) return true;
	const open = record.status === 'running' || record.status === 'paused';
	return !open && record.lastSeq <= cursor;
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

// a function, because the compiler believes that a signal it has looked at stays as it was
function isAborted(signal: AbortSignal): boolean {
	return signal.aborted;
}
