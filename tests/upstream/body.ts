/** A rendered answer: all its bytes, and where each frame ends. */
export interface Body {
	bytes: Buffer;
	/** The offset after each frame. */
	ends: number[];
	/** For each frame, how many tokens have been sent once it is out. */
	tokens: number[];
}

/** Collects frames into a body. A frame that carries a token is paced, the others go with it. */
export class BodyWriter {
	readonly #frames: string[] = [];
	readonly #tokens: number[] = [];
	#count = 0;

	frame(text: string, token = false): void {
		if (token) this.#count += 1;
		this.#frames.push(text);
		this.#tokens.push(this.#count);
	}

	body(): Body {
		let end = 0;
		const ends = this.#frames.map((frame) => (end += Buffer.byteLength(frame)));
		return { bytes: Buffer.from(this.#frames.join('')), ends, tokens: this.#tokens };
	}
}

/** The offset at which `tokens` tokens have been sent, with everything that goes before the next. */
export function offsetAfter(body: Body, tokens: number): number {
	const index = body.tokens.findLastIndex((sent) => sent <= tokens);
	return index === -1 ? 0 : (body.ends[index] ?? 0);
}
