import { isTerminal, type Numbered } from '#lib/protocol/events.ts';

/** Where a reader is in the log of a run: takes what comes next, and nothing twice. */
export class Cursor {
	/** Unknown until the first event of a run that is just being started. */
	runId: string | undefined;
	/** The last event that was taken. */
	after: number;
	#last: Numbered | undefined;
	#holeAt = -1;

	constructor(runId: string | undefined, after: number) {
		this.runId = runId;
		this.after = after;
	}

	/** The terminal event was taken. */
	get over(): boolean {
		return this.#last !== undefined && isTerminal(this.#last);
	}

	/** Takes the events of a batch that go on from here, up to the first hole. */
	take(batch: Numbered[]): Numbered[] {
		const fresh: Numbered[] = [];
		for (const event of batch) {
			if (event.seq <= this.after) continue;
			if (event.seq > this.after + 1) break;
			fresh.push(event);
			this.after = event.seq;
			this.#last = event;
			if (event.type === 'run-start') this.runId = event.runId;
		}
		return fresh;
	}

	/** Whether the batch holds events that could not be taken, because others before them are missing. */
	misses(batch: Numbered[]): boolean {
		return (batch.at(-1)?.seq ?? 0) > this.after;
	}

	/** Whether events are missing here for the second time, so that asking again does not help. */
	missesAgain(): boolean {
		const again = this.#holeAt === this.after;
		this.#holeAt = this.after;
		return again;
	}
}
