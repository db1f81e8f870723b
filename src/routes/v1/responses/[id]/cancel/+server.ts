import { json } from '@sveltejs/kit';
import { responseOf } from '#lib/wire/openai-response.ts';
import { replyOf } from '../../../../reply-of.ts';
import { openAiApi } from '../../../openai-api.ts';
import { findResponse } from '../../find-response.ts';

/** Stops the run, and answers with what it came to. */
export const POST = openAiApi<{ id: string }>(async (event) => {
	const { runs } = event.locals;
	const run = await findResponse(event);
	await runs.stop(run.id);
	const { start, reply } = await replyOf(event.locals, run.id);
	return json(responseOf(start, reply));
});
