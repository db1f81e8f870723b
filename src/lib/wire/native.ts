import type { Wire } from './wire.ts';

/** Runnel's own wire: each event as JSON, with its `seq`. */
export const native: Wire = {
	name: 'native',
	headers: {},
	encode: (event) => [{ data: JSON.stringify(event) }]
};
