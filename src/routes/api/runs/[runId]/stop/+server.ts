import { api, Refusal } from '#lib/server/http/refuse.ts';

/** Stops a run. It answers through its stream, with `run-end`. Stopping twice is fine. */
export const POST = api<{ runId: string }>(async ({ params, locals }) => {
	const run = await locals.runs.find(locals.owner, params.runId);
	if (!run) throw new Refusal(404, 'unknown-run', 'There is no such run.');

	await locals.runs.stop(run.id);
	return new Response(null, { status: 202 });
});
