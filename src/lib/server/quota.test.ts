import { expect, test } from 'vitest';
import { Quota } from './quota.ts';

test('an owner has no more than is an owner’s, and all have no more than there is', () => {
	const quota = new Quota({ each: 2, all: 3 });
	const [first, second] = [quota.take('ada'), quota.take('ada')];
	expect([first, second]).not.toContain(undefined);
	expect(quota.take('ada')).toBeUndefined();
	expect(quota.take('bob')).toBeDefined();
	expect(quota.take('eve')).toBeUndefined();

	first?.();
	first?.(); // a place is given back once
	expect(quota.take('eve')).toBeDefined();
	expect(quota.take('eve')).toBeUndefined();
});

test('what cannot be refused counts all the same', () => {
	const quota = new Quota({ each: 1, all: 10 });
	const gives = [quota.add('ada'), quota.add('ada')];
	expect(quota.take('ada')).toBeUndefined();
	for (const give of gives) give();
	expect(quota.take('ada')).toBeDefined();
});
