import type { Tokens } from 'marked';
import { expect, test } from 'vitest';
import { Block } from './block.svelte.ts';
import { Stretches } from './stretches.ts';

const token: Tokens.Hr = { type: 'hr', raw: '---' };
const blocks = Array.from({ length: 100 }, (_, id) => new Block(id, token));

test('the stretches together are the blocks, whatever came before', () => {
	const pieces = new Stretches();
	for (const length of [0, 1, 12, 13, 100, 30, 24, 23, 99]) {
		expect(pieces.of(blocks.slice(0, length)).flat()).toEqual(blocks.slice(0, length));
	}
});

test('a stretch that is full stays the same object while blocks are added', () => {
	const pieces = new Stretches();
	const [first, second] = pieces.of(blocks.slice(0, 30));
	const later = pieces.of(blocks);
	expect([later[0], later[1]]).toEqual([first, second]);
	expect(later[0] === first && later[1] === second).toBe(true);
});

test('blocks that took the place of others are shown', () => {
	const pieces = new Stretches();
	pieces.of(blocks);
	const changed = [...blocks.slice(0, 5), ...blocks.slice(5).map(({ id }) => new Block(id, token))];
	expect(
		pieces
			.of(changed)
			.flat()
			.every((block, index) => block === changed[index])
	).toBe(true);
});
