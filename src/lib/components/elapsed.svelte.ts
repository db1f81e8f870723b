/** Counts the seconds that something takes while somebody watches it. */
export class Elapsed {
	/** Whole seconds since the first `run`. */
	seconds = $state(0);

	#began: number | undefined;

	/** Counts until the function it returns is called. */
	run(): () => void {
		this.#began ??= performance.now();
		const timer = setInterval(() => {
			this.#count();
		}, 250);
		return () => {
			clearInterval(timer);
			this.#count();
		};
	}

	#count(): void {
		this.seconds = Math.floor((performance.now() - (this.#began ?? 0)) / 1000);
	}
}
