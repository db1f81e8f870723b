import type { Wake } from './wake.ts';

/** Who wants to know when the log of a run has grown, also while nobody answers it. */
export class Doorbells {
	readonly #wakes = new Map<string, Set<Wake>>();

	hang(runId: string, wake: Wake): void {
		const wakes = this.#wakes.get(runId);
		if (wakes) wakes.add(wake);
		else this.#wakes.set(runId, new Set([wake]));
	}

	take(runId: string, wake: Wake): void {
		const wakes = this.#wakes.get(runId);
		wakes?.delete(wake);
		if (wakes?.size === 0) this.#wakes.delete(runId);
	}

	ring(runId: string): void {
		for (const wake of this.#wakes.get(runId) ?? []) wake.ring();
	}

	ringAll(): void {
		for (const runId of this.#wakes.keys()) this.ring(runId);
	}
}
