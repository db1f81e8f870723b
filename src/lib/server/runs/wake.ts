/**
 * A doorbell for one follower: it tells that the log has grown, not by what.
 *
 * A ring that nobody waits for is kept, so that none is missed between a look and a wait.
 */
export class Wake {
	#rung = false;
	#answer: (() => void) | undefined;

	ring = (): void => {
		if (this.#answer) this.#answer();
		else this.#rung = true;
		this.#answer = undefined;
	};

	/**
	 * Resolves at the next ring, or at once if it rang since the last wait; after `patience`
	 * milliseconds in any case.
	 */
	async heard(patience?: number): Promise<void> {
		let timer: NodeJS.Timeout | undefined;
		if (!this.#rung) {
			await new Promise<void>((resolve) => {
				this.#answer = resolve;
				if (patience !== undefined) timer = setTimeout(resolve, patience);
			});
		}
		clearTimeout(timer);
		this.#answer = undefined;
		this.#rung = false;
	}
}
