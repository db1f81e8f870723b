/** Two signals for one press: npm passes on what the terminal has already sent to us. */
const ONE_PRESS_MS = 100;

/** What Ctrl-C means while a run is listened to: first stop it, then leave. */
export class Interrupts {
	#stopping = new AbortController();
	#leaving = new AbortController();
	#pressedAt = -Infinity;

	get stopping(): AbortSignal {
		return this.#stopping.signal;
	}

	get leaving(): AbortSignal {
		return this.#leaving.signal;
	}

	readonly press = (): void => {
		const now = performance.now();
		if (now - this.#pressedAt < ONE_PRESS_MS) return;
		this.#pressedAt = now;
		if (this.stopping.aborted) this.leave();
		else this.#stopping.abort();
	};

	readonly leave = (): void => {
		this.#leaving.abort();
	};

	/** Begins anew, for the next run. */
	reset(): void {
		this.#stopping = new AbortController();
		this.#leaving = new AbortController();
	}
}
