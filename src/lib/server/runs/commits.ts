import type { Append, Store } from '#lib/server/store/store.ts';
import type { Run } from './run.ts';

/**
 * Brings what all runs say to disk, in one transaction a flush, and only then lets it be seen.
 *
 * Starts, ends and first words go at once; deltas that only lengthen a part wait for the next tick,
 * at most `flushMs`, one tick for all runs. While a commit is under way what comes gathers for the
 * next one.
 */
export class Commits {
	readonly #store: Store;
	readonly #flushMs: number;
	readonly #urgent = new Set<Run>();
	readonly #due = new Set<Run>();
	#committing: Promise<void> | undefined;
	#soon = false;
	#tick: NodeJS.Timeout | undefined;
	#lastTick = 0;

	constructor(store: Store, flushMs: number) {
		this.#store = store;
		this.#flushMs = flushMs;
	}

	/** Something of that run waits to be committed. */
	add = (run: Run, urgent: boolean): void => {
		(urgent ? this.#urgent : this.#due).add(run);
		this.#schedule();
	};

	/** Resolves when everything said before the call is on disk or lost. */
	async drained(): Promise<void> {
		while (this.#committing ?? this.#urgent.size + this.#due.size > 0) {
			this.#ticked();
			await (this.#committing ?? this.#flush());
		}
	}

	#schedule(): void {
		if (this.#committing) return;
		if (this.#urgent.size > 0) this.#flushSoon();
		else if (this.#due.size > 0 && !this.#tick) {
			const wait = this.#lastTick + this.#flushMs - performance.now();
			if (wait <= 0) this.#ticked();
			else
				this.#tick = setTimeout(() => {
					this.#ticked();
				}, wait);
		}
	}

	#ticked(): void {
		clearTimeout(this.#tick);
		this.#tick = undefined;
		this.#lastTick = performance.now();
		for (const run of this.#due) this.#urgent.add(run);
		this.#due.clear();
		if (this.#urgent.size > 0) this.#flushSoon();
	}

	/** Everything that is said in this turn of the event loop leaves together. */
	#flushSoon(): void {
		if (this.#soon || this.#committing) return;
		this.#soon = true;
		setImmediate(() => void this.#flush());
	}

	async #flush(): Promise<void> {
		this.#soon = false;
		if (this.#committing) return;
		const taken: [Run, Append][] = [];
		for (const run of this.#urgent) {
			this.#due.delete(run);
			const append = run.take();
			if (append) taken.push([run, append]);
		}
		this.#urgent.clear();
		if (taken.length === 0) return;

		this.#committing = this.#commit(taken);
		await this.#committing;
		this.#committing = undefined;
		this.#schedule();
	}

	async #commit(taken: [Run, Append][]): Promise<void> {
		try {
			const { lost } = await this.#store.append(taken.map(([, append]) => append));
			for (const [run, { events }] of taken) {
				if (lost.includes(run.id)) run.lose();
				else run.committed(events);
			}
		} catch (cause) {
			console.error('The store refused to append; the runs concerned are given up.', cause);
			for (const [run] of taken) run.lose();
		}
	}
}
