import { expect, test } from 'vitest';
import { inWords } from './durations.ts';
import { call } from './messages-for-tests.ts';
import { asItWas, briefOf, titleOf } from './tool-words.ts';

test.for([
	['current_time', 'Current time'],
	['searchTheWeb', 'Search The Web'],
	['read-file', 'Read file']
] as const)('the name %s is read aloud', ([name, words]) => {
	expect(titleOf(call({ name }))).toBe(words);
});

test('arguments are told in brief', () => {
	expect(briefOf(call({ input: { city: 'Oslo', days: 3, deep: { a: 1 } } }))).toBe('Oslo, 3');
	expect(briefOf(call({ input: 'plain\ntext' }))).toBe('plain text');
	expect(briefOf(call({ input: { text: 'x'.repeat(200) } }))).toBe(`${'x'.repeat(79)}…`);
	expect(briefOf(call({ input: undefined }))).toBe('');
	expect(briefOf(call({ input: null }))).toBe('');
});

test('results are shown as they were', () => {
	expect(asItWas('{"a":1}')).toBe('{"a":1}');
	expect(asItWas({ a: 1 })).toBe('{\n  "a": 1\n}');
	expect(asItWas(undefined)).toBe('');
	expect(asItWas(null)).toBe('null');
});

test.for([
	[0.4, '0 ms'],
	[999, '999 ms'],
	[1449, '1.4 s'],
	[12_600, '13 s'],
	[59_900, '60 s'],
	[125_000, '2 min 5 s']
] as const)('%d milliseconds are %s', ([duration, words]) => {
	expect(inWords(duration)).toBe(words);
});
