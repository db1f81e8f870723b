import type { Runs } from '#lib/server/runs/runs.ts';

/**
 * Counts how fast runs speak: deltas a minute over all runs that are watched. Watching changes
 * nothing for the run, and costs what one more reader costs.
 */
export class TokensPerMinute {
	#deltas: number[] = [];

	/** Watches a run from event `after` to its end, or until the signal aborts. */
	async watch(runs: Runs, runId: string, after: number, signal: AbortSignal): Promise<void> {
		for await (const batch of runs.follow(runId, after, signal)) {
			for (const event of batch) {
				if (event.type === 'text-delta') this.#deltas.push(Date.now());
			}
		}
	}

	get count(): number {
		const minuteAgo = Date.now() - 60_000;
		this.#deltas = this.#deltas.filter((time) => time > minuteAgo);
		return this.#deltas.length;
	}
}
