import { expect, test } from 'vitest';
import { askedNotes, askedSums, askedTimes, askedWords } from './understand.ts';

test.for<[question: string, sums: string[]]>([
	['12*7+1', ['12*7+1']],
	['What is 2 + 2?', ['2 + 2']],
	['What is sqrt(16) * pi, roughly?', ['sqrt(16) * pi']],
	['How much is (3 − 1) × 4', ['(3 − 1) × 4']],
	['What is 15% of 80?', ['80 * 15 / 100']],
	['I was born in 1984.', []],
	['Tell me about the 3 musketeers', []]
])('“%s” asks for the sums %o', ([question, sums]) => {
	expect(askedSums(question)).toEqual(sums);
});

test.for<[question: string, zones: (string | null)[]]>([
	['What time is it?', [null]],
	['what’s the time', [null]],
	['What time is it in New York?', ['America/New_York']],
	['What time is it in Tokyo and Paris?', ['Asia/Tokyo', 'Europe/Paris']],
	['What is the time in Atlantis?', ['Atlantis']],
	['What day is it in UTC?', ['UTC']],
	['Once upon a time', []]
])('“%s” asks for the time in %o', ([question, zones]) => {
	expect(askedTimes(question)).toEqual(zones);
});

test.for<[question: string, texts: string[] | undefined, before?: string]>([
	['Save a note: buy milk', ['buy milk'], ''],
	['Please save a note that Ada called.', ['Ada called.'], 'Please '],
	['save me a note, saying hello', ['saying hello'], ''],
	['Save a note: one; and save another note: two', ['one', 'two'], ''],
	['What is 2+2? Save a note: four', ['four'], 'What is 2+2? '],
	['Save a note', [], ''],
	[`save a note: a${' '.repeat(90_000)}b`, [`a${' '.repeat(90_000)}b`], ''],
	['What notes are there?', undefined],
	['What is on my notes?', undefined]
])('“%s” asks for the notes %o', ([question, texts, before]) => {
	const asked = askedNotes(question);
	expect(asked?.notes.map(({ text }) => text)).toEqual(texts);
	expect(asked?.before).toBe(before);
});

test.for([
	['Write 2000 words', { words: 2000 }],
	['write a 1,500-word essay about dogs.', { words: 1500, topic: 'dogs' }],
	['Tell me a long story', { words: 400 }],
	['Write 9000000 words', { words: 20_000 }],
	['In other words', undefined]
] as const)('“%s” asks for a text of %o', ([question, asked]) => {
	expect(askedWords(question)).toEqual(asked);
});
