import { expect, test } from 'vitest';
import { stretchesOf } from './highlighter.ts';

test('stretches say which part of the code is what', () => {
	const code = 'const a = "text"; // why';
	const found = stretchesOf(code, 'js').map(({ group, start, end }) => [
		group,
		code.slice(start, end)
	]);
	expect(found).toEqual([
		['keyword', 'const'],
		['string', '"text"'],
		['comment', '// why']
	]);
});

test.for(['', 'nothing-known', '__proto__', 'constructor'])(
	'in language %j there are none',
	(language) => {
		expect(stretchesOf('const a = 1;', language)).toEqual([]);
	}
);

test('very long code stays as it is', () => {
	expect(stretchesOf('const a = 1;\n'.repeat(3000), 'js')).toEqual([]);
});
