import { json } from '@sveltejs/kit';
import { readNumber } from '#lib/server/http/queries.ts';
import { api, Refusal } from '#lib/server/http/refuse.ts';

/** Lists the caller's conversations, newest first; `next` is the `before` of the page after. */
export const GET = api(async ({ url, locals }) => {
	const limit = readNumber(url.searchParams, 'limit', { fallback: 30, min: 1, max: 100 });
	const before = url.searchParams.get('before') ?? undefined;
	if (before !== undefined && !/^\d{1,15}\.[\w-]{1,64}$/.test(before)) {
		throw new Refusal(400, 'bad-request', 'before must be the `next` of an earlier page.');
	}
	return json(await locals.runs.conversations(locals.owner, limit, before));
});
