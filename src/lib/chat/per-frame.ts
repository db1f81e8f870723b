import type { Surroundings } from './surroundings.ts';

/**
 * Hands over what came since the last frame at once, before the next one: a page is painted sixty
 * times a second at most, however many chunks the network brings.
 */
export class PerFrame<T> {
	readonly #take: (items: T[]) => void;
	readonly #surroundings: Surroundings;
	#waiting: T[] = [];
	#cancel: (() => void) | undefined;

	constructor(take: (items: T[]) => void, surroundings: Surroundings) {
		this.#take = take;
		this.#surroundings = surroundings;
	}

	push(items: T[]): void {
		if (items.length === 0) return;
		for (const item of items) this.#waiting.push(item);
		this.#cancel ??= this.#surroundings.onframe(() => {
			this.flush();
		});
	}

	/** Hands over what waits, now. */
	flush(): void {
		const items = this.#waiting;
		this.drop();
		if (items.length > 0) this.#take(items);
	}

	/** Forgets what waits. */
	drop(): void {
		this.#cancel?.();
		this.#cancel = undefined;
		this.#waiting = [];
	}
}
