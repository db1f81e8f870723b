import { expect, test } from 'vitest';
import { mendOpen } from './mend-open.ts';

test.for([
	['Some **bo', 'Some **bo**'],
	['Some **bold*', 'Some **bold**'],
	['Some **bold** te', 'Some **bold** te'],
	['Some **', 'Some '],
	['_fine and **both', '_fine and **both**_'],
	['a *b c ', 'a *b c*'],
	['~~ol', '~~ol~~'],
	['with `co', 'with `co`'],
	['with ``co` de', 'with ``co` de``'],
	['with `', 'with '],
	['5 * 3 and a_b', '5 * 3 and a_b'],
	['say \\*this', 'say \\*this'],
	['`**` is', '`**` is']
] as const)('emphasis and code that are open look closed: %s', ([text, shown]) => {
	expect(mendOpen(text)).toBe(shown);
});

test.for([
	['See [wor', 'See wor'],
	['See [words]', 'See words'],
	['See [words](https://exa', 'See words'],
	['See [words](https://example.org "ti', 'See words'],
	['See [words](https://example.org)', 'See [words](https://example.org)'],
	['See ![a ca', 'See a ca'],
	['an array[0', 'an array[0'],
	['See [1] and', 'See [1] and']
] as const)('of half a link only its words are shown: %s', ([text, shown]) => {
	expect(mendOpen(text)).toBe(shown);
});

test.for(['-', '- ', '1', '1.', '#', '## ', '>', '``', '---', '==', '- [', '- [ ]', '* *'])(
	'a marker without text waits: %s',
	(marker) => {
		expect(mendOpen(`Text\n${marker}`)).toBe('Text\n');
	}
);

test('half a table head is a table', () => {
	expect(mendOpen('Text\n\n| a | b')).toBe('Text\n\n| a | b\n|-|-|');
	expect(mendOpen('| a | b |\n|--')).toBe('| a | b |\n|-|-|');
	expect(mendOpen('| a | b |\n|---|---|\n| 1')).toBe('| a | b |\n|---|---|\n| 1');
	expect(mendOpen('Text | with a line')).toBe('Text | with a line');
});

test('only the last paragraph is looked at', () => {
	expect(mendOpen('an **open one\n\nand another')).toBe('an **open one\n\nand another');
	expect(mendOpen('- **one\n- two')).toBe('- **one\n- two');
});
