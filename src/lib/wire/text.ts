import { failureOf, lastWord } from './failure.ts';
import type { Wire } from './wire.ts';

/** Bare text: each delta as data, nothing else. A failure is an `error-message`, then the stream ends. */
export const text: Wire = {
	name: 'text',
	headers: {},
	encode(event) {
		if (event.type === 'text-delta') return [{ data: event.delta }];
		const failure = failureOf(event);
		return failure ? [{ event: 'error-message', data: failure.message }] : [];
	},
	last: lastWord
};
