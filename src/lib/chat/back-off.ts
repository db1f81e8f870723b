import type { Surroundings } from './surroundings.ts';

const LONGEST_MS = 15_000;

/** Waits between attempts, longer each time and never in step with other clients. */
export class BackOff {
	/** The first wait in milliseconds, before chance shortens it. */
	base = 1000;
	tries = 0;
	readonly #surroundings: Surroundings;

	constructor(surroundings: Surroundings) {
		this.#surroundings = surroundings;
	}

	reset(): void {
		this.tries = 0;
	}

	/** Resolves when it is time; earlier when the network or the reader is back, or on abort. */
	wait(signal: AbortSignal): Promise<void> {
		const { random, after, onwake } = this.#surroundings;
		const longest = Math.min(this.base * 2 ** this.tries++, LONGEST_MS);
		if (signal.aborted) return Promise.resolve();

		return new Promise((resolve) => {
			const go = () => {
				cancel();
				forget();
				signal.removeEventListener('abort', go);
				resolve();
			};
			const cancel = after(longest * (0.5 + random() / 2), go);
			const forget = onwake(go);
			signal.addEventListener('abort', go);
		});
	}
}
