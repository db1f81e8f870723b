import { expect, test } from 'vitest';
import { z } from 'zod';
import { listOf } from './read-body.ts';

const items = listOf(z.object({ name: z.string() }), { min: 1 });

test('a list is given as its items are parsed', () => {
	expect(items.parse([{ name: 'a', more: 1 }, { name: 'b' }])).toEqual([
		{ name: 'a' },
		{ name: 'b' }
	]);
});

test('of many items that do not fit only the first is told, and where it stands', () => {
	const looked: unknown[] = [];
	const item = z.preprocess(
		(value) => {
			looked.push(value);
			return value;
		},
		z.object({ name: z.string() })
	);
	const given = [{ name: 'a' }, { name: 1 }, { name: 2 }, {}];
	const { error } = listOf(item).safeParse(given);
	expect(error?.issues.map(({ path }) => path)).toEqual([[1, 'name']]);
	expect(looked).toHaveLength(2); // of millions each would cost its time and memory
});

test('what is no list, or has too little in it, is refused', () => {
	expect(items.safeParse({}).error?.issues[0]?.message).toBe('must be a list');
	expect(items.safeParse([]).error?.issues[0]?.message).toBe('must not be empty');
});
