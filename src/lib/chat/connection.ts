import { Unreachable } from './server.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * One connection, which is dropped (its signal aborts) when nothing was heard for `silenceMs`, when
 * the network came back under it (it may be dead without anybody having said so), and when its
 * reader leaves.
 */
export class Connection {
	readonly #dropped = new AbortController();
	readonly #surroundings: Surroundings;
	readonly #silenceMs: number;
	readonly #forget: () => void;
	#cancel: () => void;
	#heardAt: number;

	constructor(silenceMs: number, surroundings: Surroundings, leaving: AbortSignal) {
		this.#silenceMs = silenceMs;
		this.#surroundings = surroundings;
		this.#heardAt = surroundings.now();
		this.#cancel = surroundings.after(silenceMs, () => {
			this.#check();
		});
		this.#forget = surroundings.onwake((reason) => {
			// timers stand still while a laptop sleeps, so silence is looked at again on waking
			if (reason === 'online') this.drop();
			else this.#check();
		});
		leaving.addEventListener('abort', this.drop, { signal: this.#dropped.signal });
	}

	get signal(): AbortSignal {
		return this.#dropped.signal;
	}

	heard(): void {
		this.#heardAt = this.#surroundings.now();
	}

	readonly drop = (): void => {
		this.#cancel();
		this.#forget();
		this.#dropped.abort(new Unreachable('The connection was dropped.'));
	};

	#check(): void {
		const left = this.#heardAt + this.#silenceMs - this.#surroundings.now();
		if (left <= 0) {
			this.drop();
			return;
		}
		this.#cancel();
		this.#cancel = this.#surroundings.after(left, () => {
			this.#check();
		});
	}
}
