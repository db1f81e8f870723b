import { isHighSurrogate, partOf, type Delta } from './deltas.ts';

const REPLACEMENT = '\ufffd';

/**
 * Keeps characters whole that a model cut between two deltas: the first half of a surrogate pair
 * waits for the second, because UTF-8, and so a wire of bare text, cannot carry one alone.
 *
 * A half that stays alone becomes U+FFFD, on every wire the same.
 */
export class HalfPairs {
	readonly #waiting = new Map<string, Delta>();

	/** What of a delta can be said by now, after what waited for it. */
	take(delta: Delta): string {
		let text = delta.delta;
		if (this.#waiting.size > 0) {
			const part = partOf(delta);
			text = (this.#waiting.get(part)?.delta ?? '') + text;
			this.#waiting.delete(part);
		}
		if (isHighSurrogate(text.charCodeAt(text.length - 1))) {
			this.#waiting.set(partOf(delta), { ...delta, delta: text.slice(-1) });
			text = text.slice(0, -1);
		}
		return text.toWellFormed();
	}

	/** What is still to be said of a part that ends, or of all that wait. */
	*end(part?: string): Generator<Delta> {
		for (const [waiting, delta] of this.#waiting) {
			if (part !== undefined && waiting !== part) continue;
			this.#waiting.delete(waiting);
			yield { ...delta, delta: REPLACEMENT };
		}
	}
}
