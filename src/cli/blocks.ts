/** A block that grows longer than this is cut at a line, so that showing its end costs the same as ever. */
const LONGEST = 8000;

/**
 * Cuts Markdown into blocks as it comes, so that each is rendered for good as soon as it is whole:
 * headings, fenced code, and whatever blank lines part.
 */
export class Blocks {
	/** What came of the block that is not whole yet. */
	open = '';
	/** Where the last, unfinished line of it begins. */
	#line = 0;
	#fence: { mark: string; opening: string } | undefined;

	/** What is open is code. */
	get fenced(): boolean {
		return this.#fence !== undefined;
	}

	/** Takes more text, and gives the blocks that it completes. */
	push(delta: string): string[] {
		this.open += delta;
		const whole: string[] = [];
		for (let end = this.#endOfLine(); end !== -1; end = this.#endOfLine()) {
			this.#takeLine(this.#line, end, whole);
		}
		const from = this.#line;
		if (!this.#fence && this.#parted(from, this.open.slice(from))) this.#cut(from, whole);
		return whole;
	}

	/** Gives what is left, when no more will come. */
	finish(): string[] {
		const rest: string[] = [];
		this.#cut(this.open.length, rest);
		this.#fence = undefined;
		return rest;
	}

	#takeLine(from: number, end: number, whole: string[]): void {
		const line = this.open.slice(from, end);
		this.#line = end + 1;
		const fence = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
		if (this.#fence) {
			const closes = fence?.startsWith(this.#fence.mark) === true && line.trim() === fence;
			if (closes) {
				this.#fence = undefined;
				this.#cut(end + 1, whole);
			} else if (end > LONGEST) this.#cutFence(end + 1, whole);
		} else if (fence !== undefined) {
			this.#fence = { mark: fence, opening: fence };
			this.#cut(from, whole);
		} else if (/^#{1,6} /.test(line)) {
			this.#cut(from, whole);
			this.#cut(end - from + 1, whole);
		} else if (this.#parted(from, line)) {
			this.#cut(from, whole);
		} else if (end > LONGEST) this.#cut(end + 1, whole);
	}

	/** Whether a block begins with this line: it follows a blank one, and is no part of a list above. */
	#parted(from: number, line: string): boolean {
		return /\n[ \t]*\n$/.test(this.open.slice(Math.max(0, from - 80), from)) && /^\S/.test(line);
	}

	#cut(at: number, whole: string[]): void {
		const block = this.open.slice(0, at);
		if (block.trim() !== '') whole.push(block);
		this.open = this.open.slice(at);
		this.#line = Math.max(0, this.#line - at);
	}

	#cutFence(at: number, whole: string[]): void {
		const { opening = '' } = this.#fence ?? {};
		whole.push(`${this.open.slice(0, at)}${opening}\n`);
		this.open = `${opening}\n${this.open.slice(at)}`;
		this.#line = opening.length + 1;
	}

	#endOfLine(): number {
		return this.open.indexOf('\n', this.#line);
	}
}
