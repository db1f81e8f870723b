import fc from 'fast-check';
import { Lexer, type MarkedToken } from 'marked';
import { expect, test, vi } from 'vitest';
import { corpus, late } from './corpus.ts';
import { lex } from './lex.ts';
import { MarkdownBlocks } from './markdown-blocks.svelte.ts';

test.for(Object.entries(corpus))(
	'%s is read the same from any deltas, and its blocks stay when it is complete',
	([, text]) => {
		const ended = `${text}\n\n`;
		const expected = whole(ended);
		fc.assert(
			fc.property(cutsOf(text), (deltas) => {
				const markdown = feed([...deltas, '\n\n']);
				expect(markdown.blocks.map(({ token }) => view(token))).toEqual(
					expected.map((token) => view(token))
				);

				const before = [...markdown.blocks];
				markdown.update(ended, false);
				expect(markdown.blocks.map(({ token }) => token)).toEqual(expected);
				expect(markdown.blocks.every((block, index) => block === before[index])).toBe(true);
			}),
			{ numRuns: 60 }
		);
	}
);

test.for(Object.entries({ ...corpus, ...late }))(
	'%s is in the end exactly what reading it at once gives',
	([, text]) => {
		fc.assert(
			fc.property(cutsOf(text), (deltas) => {
				const markdown = feed(deltas);
				markdown.update(text, false);
				expect(markdown.blocks.map(({ token }) => token)).toEqual(whole(text));
			}),
			{ numRuns: 30 }
		);
	}
);

test('any text from the letters of Markdown ends as reading it at once gives', () => {
	const letters = fc.constantFrom(...Array.from('ab \n\n-*_`~#>|[](!1.:\\<&\t\r'));
	const pieces = fc.array(fc.string({ unit: letters, maxLength: 6 }), { maxLength: 30 });
	fc.assert(
		fc.property(pieces, (deltas) => {
			const markdown = feed(deltas);
			markdown.update(deltas.join(''), false);
			expect(markdown.blocks.map(({ token }) => token)).toEqual(whole(deltas.join('')));
		}),
		{ numRuns: 400 }
	);
});

test('finished blocks keep their objects while the text grows', () => {
	const markdown = new MarkdownBlocks('# Title\n\nOne.\n\nTwo', true);
	const [title, one] = markdown.blocks;
	const token = one?.token;
	markdown.update('# Title\n\nOne.\n\nTwo and **more**.\n\nThree', true);

	expect(markdown.blocks).toHaveLength(4);
	expect(markdown.blocks[0]).toBe(title);
	expect(markdown.blocks[1]).toBe(one);
	expect(markdown.blocks[1]?.token).toBe(token);
});

test('finished items of a list and rows of a table keep their objects', () => {
	const markdown = new MarkdownBlocks('- one\n- two\n- thr', true);
	const item = itemsOf(markdown)[0];
	markdown.update('- one\n- two\n- three\n- four', true);
	expect(itemsOf(markdown)[0]).toBe(item);
	expect(itemsOf(markdown)).toHaveLength(4);

	const table = new MarkdownBlocks('|a|b|\n|-|-|\n|1|2|\n|3|', true);
	const row = rowsOf(table)[0];
	table.update('|a|b|\n|-|-|\n|1|2|\n|3|4|\n|5|6|\n|7', true);
	expect(rowsOf(table)[0]).toBe(row);
	expect(rowsOf(table)).toHaveLength(4);
});

test('a text that shrinks or changes starts over', () => {
	const markdown = new MarkdownBlocks('One.\n\nTwo.\n\nThree', true);
	markdown.update('One.\n\nOther', true);
	expect(markdown.blocks.map(({ token }) => token.raw)).toEqual(['One.', 'Other']);
	markdown.update('', true);
	expect(markdown.blocks).toEqual([]);
});

test.for([
	['a paragraph', 'word '],
	['code', 'const a = 1;\n', '```js\n'],
	['a list', '- item\n'],
	['a table', '| 1 | 2 |\n', '| a | b |\n|---|---|\n'],
	['blocks', 'Some words.\n\n']
] as const)('the work for a delta does not grow with the text: %s', ([, piece, head = '']) => {
	// twice the text is twice the work; were all of it read for each delta, it would be four times
	expect(workFor(piece, head, 4000)).toBeLessThan(2.5 * workFor(piece, head, 2000) + 1000);
});

/** How many characters are read, all in all, while the text grows by these pieces. */
function workFor(piece: string, head: string, count: number): number {
	const reads = vi.spyOn(Lexer.prototype, 'lex');
	feed([head, ...Array.from({ length: count }, () => piece)]);
	const work = reads.mock.calls.reduce((sum, [source]) => sum + source.length, 0);
	reads.mockRestore();
	return work;
}

/** The text cut into deltas at random places. */
function cutsOf(text: string): fc.Arbitrary<string[]> {
	return fc
		.uniqueArray(fc.nat({ max: text.length }), { maxLength: text.length })
		.map((cuts) => [0, ...cuts.toSorted((a, b) => a - b), text.length])
		.map((places) => places.slice(1).map((end, index) => text.slice(places[index], end)));
}

function feed(deltas: string[]): MarkdownBlocks {
	const markdown = new MarkdownBlocks('', true);
	let text = '';
	for (const delta of deltas) markdown.update((text += delta), true);
	return markdown;
}

function whole(text: string): MarkedToken[] {
	const { tokens } = lex(text.replace(/\r\n?/g, '\n'));
	return tokens.filter(({ type }) => type !== 'space' && type !== 'def');
}

function itemsOf({ blocks }: MarkdownBlocks) {
	const token = blocks[0]?.token;
	return token?.type === 'list' ? token.items : [];
}

function rowsOf({ blocks }: MarkdownBlocks) {
	const token = blocks[0]?.token;
	return token?.type === 'table' ? token.rows : [];
}

/** What of a token is shown: not its source, nor where `marked` notes that a list is loose. */
function view(value: unknown, loose = false): unknown {
	if (Array.isArray(value)) return value.map((child) => view(child, loose));
	if (typeof value !== 'object' || value === null) return value;

	const { type, raw: _raw, task: _task, loose: own, ...rest } = value as Record<string, unknown>;
	if ('tokens' in rest) delete rest['text'];
	return {
		type: loose && type === 'text' ? 'paragraph' : type,
		loose: type === 'list' && own,
		...Object.fromEntries(
			Object.entries(rest).map(([key, child]) => [key, view(child, loose || own === true)])
		)
	};
}
