import type { Tokens } from 'marked';

const OPENING = /^( {0,3})(`{3,}(?=[^`\n]*\n)|~{3,})([^\n]*)\n/;

/**
 * A fenced code block whose end has not arrived: lines are appended as they come, so that a line
 * costs the same however long the block is. `marked` reads the same text to the same code.
 */
export class OpenFence {
	readonly #indent: RegExp;
	readonly #closing: RegExp;
	readonly #lang: string;
	#code = '';
	#partial = '';
	/** How much of the text has been taken, from the start of the block. */
	#taken: number;

	private constructor(opening: RegExpExecArray) {
		const [all, indent = '', fence = '', info = ''] = opening;
		this.#indent = new RegExp(`^ {0,${String(indent.length)}}`);
		this.#closing = new RegExp(`^ {0,3}${fence}${fence.charAt(0)}* *$`);
		this.#lang = info.trim();
		this.#taken = all.length;
	}

	/** The fence that this text begins with, once its first line is complete. */
	static in(text: string): OpenFence | undefined {
		const opening = OPENING.exec(text);
		return opening ? new OpenFence(opening) : undefined;
	}

	/** Takes what is new of `text`, the block from its start; says where the block ends, if it does. */
	take(text: string): number | undefined {
		for (;;) {
			const end = text.indexOf('\n', this.#taken);
			if (end === -1) break;
			const line = text.slice(this.#taken, end);
			this.#taken = end + 1;
			if (this.#closing.test(line)) {
				this.#partial = '';
				return this.#taken;
			}
			this.#code += line.replace(this.#indent, '') + '\n';
		}
		this.#partial = text.slice(this.#taken);
		return undefined;
	}

	/** The block as it looks; half a closing fence is not shown. */
	token(raw: string): Tokens.Code {
		const half = /^ {0,3}[`~]*$/.test(this.#partial);
		const shown = half ? this.#code.slice(0, -1) : this.#code + this.#partial;
		const blankEnd = this.#code !== '' && (shown === '' || shown.endsWith('\n'));
		const text = blankEnd ? `${shown}\n` : shown;
		return { type: 'code', raw, lang: this.#lang, text };
	}
}
