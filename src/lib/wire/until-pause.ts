import type { Numbered } from '#lib/protocol/events.ts';

/** How a run stood when a reader came to it. */
export interface Standing {
	lastSeq: number;
	/** It waits for a person, and its reader is to be told so, if again. */
	paused: boolean;
}

/**
 * The events of a run for a reader who is told of one pause at most, as his last event: pauses that
 * are over are left out, so that a run is replayed as if it had never waited.
 */
export async function* untilPause(
	batches: AsyncIterable<Numbered[]>,
	{ lastSeq, paused }: Standing
): AsyncGenerator<Numbered[]> {
	const pause: Numbered = { seq: lastSeq, type: 'run-pause', reason: 'approval' };
	for await (const batch of batches) {
		const told: Numbered[] = [];
		for (const event of batch) {
			if (event.type !== 'run-pause' || event.seq > lastSeq) told.push(event);
			// what was decided since it began to wait is told before the pause
			if (paused && event.seq === lastSeq) told.push(pause);
			if (told.at(-1)?.type !== 'run-pause') continue;
			yield told;
			return;
		}
		if (told.length > 0) yield told;
	}
}
