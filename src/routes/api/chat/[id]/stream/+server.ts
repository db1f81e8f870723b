import { api } from '#lib/server/http/refuse.ts';
import { streamFrom, wireFor } from '../../../../stream-run.ts';

/** Resumes for the AI SDK's `Chat`: the reply under way from its start, or 204 when there is none. */
export const GET = api<{ id: string }>(async (event) => {
	const { locals, params, url } = event;
	const wire = wireFor(url, 'ui-message');
	const conversation = await locals.runs.conversation(locals.owner, params.id);
	const run = conversation?.runs[0];
	return run ? streamFrom(event, wire, run.id, 0) : new Response(null, { status: 204 });
});
