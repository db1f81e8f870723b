import { failureOf, lastWord } from './failure.ts';
import type { Frame } from './sse.ts';
import type { Wire } from './wire.ts';

/** Deltas in JSON, and a `done` at the end in every case. */
export const delta: Wire = {
	name: 'delta',
	headers: {},
	encode(event) {
		if (event.type === 'text-delta') return [json({ delta: event.delta })];
		if (event.type === 'run-end') return [json({ done: true })];
		const failure = failureOf(event);
		if (!failure) return [];
		return [json({ error: failure.message, code: failure.code }), json({ done: true })];
	},
	last: lastWord
};

function json(value: object): Frame {
	return { data: JSON.stringify(value) };
}
