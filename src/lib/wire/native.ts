import type { Wire } from './wire.ts';

/** Runnel's own wire: each event as JSON, with its `seq`; nothing is left out. */
export const native: Wire = {
	name: 'native',
	headers: {},
	tellsVoid: true,
	encode: (event) => [{ data: JSON.stringify(event) }]
};
