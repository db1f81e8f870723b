/** How much one owner may have at once, and how much all of them together. */
export interface Caps {
	each: number;
	all: number;
}

/** Counts what owners have at once, and takes no more than may be. */
export class Quota {
	readonly #caps: Caps;
	readonly #taken = new Map<string, number>();
	#all = 0;

	constructor(caps: Caps) {
		this.#caps = caps;
	}

	/** A place of that owner, given back by calling what is returned; undefined when none is left. */
	take(owner: string): (() => void) | undefined {
		const { each, all } = this.#caps;
		if (this.#all >= all || (this.#taken.get(owner) ?? 0) >= each) return;
		return this.add(owner);
	}

	/** The same for what cannot be refused any more: it counts, though there may be no place left. */
	add(owner: string): () => void {
		this.#count(owner, 1);
		let given = false;
		return () => {
			if (!given) this.#count(owner, -1);
			given = true;
		};
	}

	#count(owner: string, change: 1 | -1): void {
		const taken = (this.#taken.get(owner) ?? 0) + change;
		this.#all += change;
		if (taken > 0) this.#taken.set(owner, taken);
		else this.#taken.delete(owner);
	}
}
