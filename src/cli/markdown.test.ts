import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { corpus } from '#lib/components/markdown/corpus.ts';
import { EVERYTHING } from '#lib/server/agents/demo/texts.ts';
import { renderMarkdown } from './markdown.ts';

const TABLE = [
	'| River | Continent | Ends in |',
	'|---|---|--:|',
	'| Nile | Africa | Mediterranean Sea |',
	'| 長江 🌊 | **Asia** | East China Sea |'
].join('\n');

test('code in a list keeps its indentation', () => {
	const text = '1. So:\n\n   ```python\n   if x:\n       return 1\n   ```\n';
	expect(renderMarkdown(text, 80, false)).toEqual([
		'1. So:',
		'',
		'   ```python',
		'   if x:',
		'       return 1',
		'   ```'
	]);
});

test('lists nest, and what is wrapped stands under its beginning', () => {
	const text = '9. one\n10. two words\n    - [x] done\n      - deep';
	expect(renderMarkdown(text, 14, false)).toEqual([
		' 9. one',
		'10. two words',
		'    • [x] done',
		'      • deep'
	]);
});

test('a table is as wide as its cells, or as the terminal', () => {
	const wide = renderMarkdown(TABLE, 80, false);
	expect(wide[0]).toBe('┌─────────┬───────────┬───────────────────┐');
	expect(wide[3]).toBe('│ Nile    │ Africa    │ Mediterranean Sea │');
	const narrow = renderMarkdown(TABLE, 36, false);
	expect(new Set(narrow.map((line) => stringWidth(line))).size).toBe(1);
	expect(narrow.length).toBeGreaterThan(wide.length);
});

test('where there is no room for columns, a table is told cell by cell', () => {
	expect(renderMarkdown(TABLE, 24, false)).toEqual([
		'River: Nile',
		'Continent: Africa',
		'Ends in: Mediterranean',
		'Sea',
		'',
		'River: 長江 🌊',
		'Continent: Asia',
		'Ends in: East China Sea'
	]);
});

test('without colours the marks stay that tell something', () => {
	const text = '## Title\n\n`code`, ~~not this~~, [words](https://e.org/a), <me@e.org>';
	expect(renderMarkdown(text, 80, false)).toEqual([
		'## Title',
		'',
		'`code`, ~~not this~~, words (https://e.org/a), me@e.org'
	]);
});

test.for([...Object.entries(corpus), ['everything', EVERYTHING] as const])(
	'%s fits any terminal, and loses no word',
	([, text]) => {
		const words = wordsOf(text);
		for (const width of [20, 40, 80, 120]) {
			const lines = renderMarkdown(text, width, false);
			for (const line of prose(lines)) expect(stringWidth(line)).toBeLessThanOrEqual(width);
			expect(wordsOf(lines.join(' '))).toEqual(expect.arrayContaining(words));
		}
	}
);

/** Words that are the same in Markdown and on a terminal, and never cut. */
function wordsOf(text: string): string[] {
	return text.match(/(?<![\w&.:/-])[a-zé]{3,7}(?![\w;.:/-])/g) ?? [];
}

/** Lines that may be wrapped: neither code nor addresses. */
function prose(lines: string[]): string[] {
	let code = false;
	return lines.filter((line) => {
		if (/^[ │]*(```|~~~)/.test(line)) code = !code;
		return !code && !line.includes('://');
	});
}
