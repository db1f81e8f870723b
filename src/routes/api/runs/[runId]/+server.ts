import { json } from '@sveltejs/kit';
import { api, Refusal } from '#lib/server/http/refuse.ts';

/** Tells where a run stands. */
export const GET = api<{ runId: string }>(async ({ params, locals }) => {
	const run = await locals.runs.find(locals.owner, params.runId);
	if (!run) throw new Refusal(404, 'unknown-run', 'There is no such run.');
	return json(run);
});
