import { Tokenizer } from 'marked';

const DEPTH = 16;

/**
 * `marked`'s tokenizer with a limit, because a model's text may be hostile: quotes, lists,
 * emphasis and links nest at most 16 deep, and what is deeper stays plain text.
 */
export class TameTokenizer extends Tokenizer<never, never> {
	#depth = 0;

	override blockquote(source: string) {
		return this.#deeper(() => super.blockquote(source));
	}

	override list(source: string) {
		return this.#deeper(() => super.list(source));
	}

	override emStrong(source: string, masked: string, before?: string) {
		return this.#deeper(() => super.emStrong(source, masked, before));
	}

	override del(source: string, masked: string, before?: string) {
		return this.#deeper(() => super.del(source, masked, before));
	}

	override link(source: string) {
		return this.#deeper(() => super.link(source));
	}

	#deeper<T>(read: () => T | undefined): T | undefined {
		if (this.#depth >= DEPTH) return undefined;
		this.#depth += 1;
		try {
			return read();
		} finally {
			this.#depth -= 1;
		}
	}
}
