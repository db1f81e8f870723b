import { api, Refusal } from '#lib/server/http/refuse.ts';

/** A WebSocket is an upgrade, which never comes here: whoever does has asked for something else. */
export const GET = api(() => {
	throw new Refusal(426, 'bad-request', 'This address speaks WebSocket: ask for an upgrade.');
});
