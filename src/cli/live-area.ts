import { createLogUpdate } from 'log-update';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/**
 * The lines at the end of a terminal that still change, and what is printed above them for good.
 * It stays whole when the terminal becomes narrower and wraps what stands there.
 */
export class LiveArea {
	readonly #output: NodeJS.WriteStream;
	readonly #log: ReturnType<typeof createLogUpdate>;
	#shown = '';
	/** The width that it was drawn for. */
	#width = 0;

	constructor(output: NodeJS.WriteStream) {
		this.#output = output;
		this.#log = createLogUpdate(output);
	}

	get width(): number {
		return this.#output.columns || 80;
	}

	/** Shows these lines instead of those before. */
	draw(lines: string[]): void {
		this.#forgetWrapped();
		// log-update takes an empty line for its own last one, and then loses count at the screen's end
		this.#shown = lines.map((line) => line || ' ').join('\n');
		this.#width = this.width;
		this.#log(this.#shown);
	}

	/** Writes lines that stay, in the place of those that change. The terminal wraps them. */
	print(lines: string[]): void {
		this.#output.cork();
		this.#erase();
		this.#output.write(`${lines.join('\n')}\n`);
		this.#output.uncork();
	}

	/** Takes the lines away, and gives the cursor back. */
	clear(): void {
		this.#erase();
		this.#log.done();
	}

	#erase(): void {
		this.#forgetWrapped();
		if (this.#shown !== '') this.#log.clear();
		this.#shown = '';
	}

	/** Takes away what was drawn for another width; a terminal has wrapped it anew meanwhile. */
	#forgetWrapped(): void {
		const { width } = this;
		if (this.#shown === '' || width === this.#width) return;
		const drawn = wrapAnsi(this.#shown, this.#width, { hard: true, trim: false, wordWrap: false });
		const heights = drawn.split('\n').map((line) => Math.ceil(stringWidth(line) / width) || 1);
		const rows = heights.reduce((sum, height) => sum + height, 0);
		this.#output.write(`\u001b[${String(rows)}A\r\u001b[J`);
		this.#shown = '';
		this.#log.done();
	}
}
