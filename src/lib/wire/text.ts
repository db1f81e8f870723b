import type { Wire } from './wire.ts';

/** Bare text: each delta as data, nothing else. A failure is an `error-message`, then the stream ends. */
export const text: Wire = {
	name: 'text',
	headers: {},
	encode(event) {
		if (event.type === 'text-delta') return [{ data: event.delta }];
		if (event.type === 'run-error') return [{ event: 'error-message', data: event.message }];
		return [];
	}
};
