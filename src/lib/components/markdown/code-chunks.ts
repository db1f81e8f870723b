const LINES = 40;

/**
 * Cuts code that grows into pieces of 40 lines, so that a browser lays out again only the last
 * piece when a line is added. The pieces together are the code.
 */
export class CodeChunks {
	#full: string[] = [];
	#length = 0;
	#seen = '';

	/** The pieces of this code; those that were full before stay the same. */
	of(code: string): string[] {
		if (!code.startsWith(this.#seen)) {
			this.#full = [];
			this.#length = 0;
		}
		this.#seen = code;

		for (;;) {
			const end = this.#endOfNext(code);
			if (end === undefined) return [...this.#full, code.slice(this.#length)];
			this.#full.push(code.slice(this.#length, end));
			this.#length = end;
		}
	}

	#endOfNext(code: string): number | undefined {
		let end = this.#length;
		for (let line = 0; line < LINES; line += 1) {
			end = code.indexOf('\n', end) + 1;
			if (end === 0 || end === code.length) return undefined;
		}
		return end;
	}
}
