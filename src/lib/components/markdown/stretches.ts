import type { Block } from './block.svelte.ts';

const BLOCKS = 12;

/**
 * Divides the blocks of a text into stretches, so that a browser leaves alone what is far from the
 * view: hundreds of blocks cost a frame what a few dozen stretches cost.
 */
export class Stretches {
	#full: Block[][] = [];

	/** The blocks in order; stretches that were full before stay the same objects. */
	of(blocks: Block[]): Block[][] {
		const known = this.#full.findIndex((full, index) => full.at(-1) !== blocks[lastOf(index)]);
		if (known !== -1) this.#full.length = known;
		while (lastOf(this.#full.length) < blocks.length) {
			const start = this.#full.length * BLOCKS;
			this.#full.push(blocks.slice(start, start + BLOCKS));
		}
		const rest = blocks.slice(this.#full.length * BLOCKS);
		return rest.length > 0 ? [...this.#full, rest] : [...this.#full];
	}
}

function lastOf(stretch: number): number {
	return (stretch + 1) * BLOCKS - 1;
}
