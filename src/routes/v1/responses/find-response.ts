import type { RequestEvent } from '@sveltejs/kit';
import type { RunView } from '#lib/protocol/conversations.ts';
import { Refusal } from '#lib/server/http/refuse.ts';

/** @throws {Refusal} 404 when the caller has no such response */
export async function findResponse({
	params,
	locals
}: RequestEvent & { params: { id: string } }): Promise<RunView> {
	const run = await locals.runs.find(locals.owner, params.id.replace(/^resp_/, ''));
	if (run) return run;
	throw new Refusal(404, 'unknown-run', 'There is no such response.', 'response_id');
}
