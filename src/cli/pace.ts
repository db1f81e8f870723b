/** Calls a function at most once in so many milliseconds: at once first, and once more after the last wish. */
export class Pace {
	readonly #work: () => void;
	readonly #milliseconds: number;
	#timer: NodeJS.Timeout | undefined;
	#wished = false;

	constructor(work: () => void, milliseconds = 50) {
		this.#work = work;
		this.#milliseconds = milliseconds;
	}

	wish(): void {
		if (this.#timer) {
			this.#wished = true;
			return;
		}
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			if (this.#wished) this.wish();
		}, this.#milliseconds);
		this.#wished = false;
		this.#work();
	}

	/** Does what is still wished for, now. */
	flush(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		if (this.#wished) this.#work();
		this.#wished = false;
	}
}
