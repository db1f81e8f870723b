import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CodeChunks } from './code-chunks.ts';

test('the pieces are the code, whatever the deltas, and full ones stay the same', () => {
	const lines = fc.array(fc.string({ maxLength: 5 }), { maxLength: 200 });
	fc.assert(
		fc.property(lines, fc.integer({ min: 1, max: 50 }), (parts, step) => {
			const code = parts.join('\n');
			const chunks = new CodeChunks();
			let before: string[] = [];
			for (let end = step; end < code.length + step; end += step) {
				const now = chunks.of(code.slice(0, end));
				expect(now.join('')).toBe(code.slice(0, end));
				expect(now.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
				before = now;
			}
		})
	);
});

test('pieces are of forty lines, and code that changes is cut anew', () => {
	const chunks = new CodeChunks();
	expect(chunks.of('x\n'.repeat(100)).map(({ length }) => length)).toEqual([80, 80, 40]);
	expect(chunks.of('other')).toEqual(['other']);
});
