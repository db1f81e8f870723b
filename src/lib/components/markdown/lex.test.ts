import { expect, test } from 'vitest';
import { lex } from './lex.ts';

const N = 20_000;

test.for(
	Object.entries({
		quotes: '>'.repeat(N),
		brackets: '['.repeat(N),
		images: '!['.repeat(N),
		pairs: '['.repeat(N) + ']('.repeat(N),
		lists: '- '.repeat(N) + 'a',
		numbers: '1. '.repeat(N) + 'a',
		mixed: '> - '.repeat(N) + 'a',
		stars: '*'.repeat(N) + 'a' + '*'.repeat(N),
		openers: '**a '.repeat(N),
		emphasis: '_a_'.repeat(N),
		ticks: '`'.repeat(N),
		tags: '<a '.repeat(N),
		escapes: '\\'.repeat(N),
		pipes: `${'|'.repeat(N)}\n${'|-'.repeat(N)}`
	})
)('%s without end are read in bounded time', ([, bomb]) => {
	const start = performance.now();
	const { tokens } = lex(bomb);
	expect(tokens.reduce((length, { raw }) => length + raw.length, 0)).toBe(bomb.length);
	// some take over a minute, or the stack, without the limits
	expect(performance.now() - start).toBeLessThan(5000);
});

test('what is nested deeper than the limit stays text', () => {
	const { tokens } = lex('>'.repeat(40) + ' deep');
	let depth = 0;
	let token = tokens[0];
	while (token?.type === 'blockquote') {
		depth += 1;
		token = token.tokens[0] as typeof token;
	}
	expect(depth).toBe(16);
	expect(token?.raw).toBe('>'.repeat(24) + ' deep');
});

test('definitions from before are known', () => {
	const { links } = lex('[a]: https://example.org\n');
	const [paragraph] = lex('[a]', links).tokens;
	expect(paragraph).toMatchObject({ tokens: [{ type: 'link', href: 'https://example.org' }] });
});
