import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Blocks } from './blocks.ts';

test('headings, paragraphs and fences are whole as soon as the next one begins', () => {
	const blocks = new Blocks();
	expect(blocks.push('# Title\nSome *te')).toEqual(['# Title\n']);
	expect(blocks.open).toBe('Some *te');
	expect(blocks.push('xt*\nand more\n\nNext\n')).toEqual(['Some *text*\nand more\n\n']);
	expect(blocks.push('```js\nconst a;\n\n# no title\n')).toEqual(['Next\n']);
	expect(blocks.push('```\n')).toEqual(['```js\nconst a;\n\n# no title\n```\n']);
	expect(blocks.finish()).toEqual([]);
});

test('a list keeps what is indented under it, after a blank line too', () => {
	const blocks = new Blocks();
	expect(blocks.push('- one\n\n  still one\n  - two\n')).toEqual([]);
	expect(blocks.finish()).toEqual(['- one\n\n  still one\n  - two\n']);
});

test('a fence is closed by its own kind alone', () => {
	const blocks = new Blocks();
	expect(blocks.push('````\n```\n~~~~\n')).toEqual([]);
	expect(blocks.push('````\n')).toHaveLength(1);
});

test('a long fence is given in pieces, each a fence', () => {
	const blocks = new Blocks();
	const pieces = blocks.push(`\`\`\`\n${'x = 1;\n'.repeat(4000)}`);
	pieces.push(...blocks.push('```\n'));
	expect(pieces.length).toBeGreaterThan(2);
	for (const piece of pieces) expect(piece).toMatch(/^```\n(x = 1;\n)+```\n$/);
	expect(pieces.join('').match(/x = 1/g)).toHaveLength(4000);
	expect(blocks.open.length).toBeLessThan(9000);
});

test('however the text is cut, the blocks are the same and nothing is lost', () => {
	const line = fc.constantFrom(
		'# h',
		'text',
		'',
		'  more',
		'- item',
		'```',
		'~~~~',
		'| a |',
		'> q'
	);
	fc.assert(
		fc.property(fc.array(line), fc.array(fc.nat(20)), (lines, cuts) => {
			const text = lines.join('\n');
			const whole = new Blocks();
			const expected = [...whole.push(text), ...whole.finish()];

			const cut = new Blocks();
			const found: string[] = [];
			let rest = text;
			for (const size of cuts) {
				found.push(...cut.push(rest.slice(0, size)));
				rest = rest.slice(size);
			}
			found.push(...cut.push(rest), ...cut.finish());
			expect(found).toEqual(expected);
			expect(found.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
		})
	);
});
