import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HalfPairs } from './half-pairs.ts';

test('however parts are cut and mixed, each is said as it was written, in whole characters', () => {
	const piece = fc.record({
		partId: fc.constantFrom('a', 'b'),
		delta: fc.array(fc.constantFrom('🌊', '\ud83c', '\udf0a', 'x', 'é'), { maxLength: 3 })
	});
	fc.assert(
		fc.property(fc.array(piece), fc.nat(), (pieces, at) => {
			const halves = new HalfPairs();
			const written = { a: '', b: '' };
			const said = { a: '', b: '' };
			const say = (partId: string, text: string) => {
				expect(text.isWellFormed()).toBe(true);
				said[partId as 'a' | 'b'] += text;
			};
			for (const { partId, delta } of pieces) {
				const whole = delta.join('');
				const cut = at % (whole.length + 1);
				written[partId] += whole;
				for (const part of [whole.slice(0, cut), whole.slice(cut)]) {
					say(partId, halves.take({ type: 'text-delta', partId, delta: part }));
				}
			}
			for (const half of halves.end('a')) say('a', half.delta);
			expect(said.a).toBe(written.a.toWellFormed());
			for (const half of halves.end()) say('b', half.delta);
			expect(said.b).toBe(written.b.toWellFormed());
			expect([...halves.end()]).toEqual([]);
		})
	);
});
