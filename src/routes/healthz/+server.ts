import { json } from '@sveltejs/kit';
import { api, Refusal } from '#lib/server/http/refuse.ts';

/** 200 when the store can be written, 503 otherwise. */
export const GET = api(async ({ locals }) => {
	try {
		await locals.runs.check();
	} catch (cause) {
		console.error('The store cannot be written.', cause);
		throw new Refusal(503, 'store-unavailable', 'The store cannot be written. The log says why.');
	}
	return json({ status: 'ok' });
});
