import { json } from '@sveltejs/kit';
import { Refusal } from '#lib/server/http/refuse.ts';
import { responseOf } from '#lib/wire/openai-response.ts';
import { openaiResponses } from '#lib/wire/openai-responses.ts';
import { replyOf } from '../../../reply-of.ts';
import { streamFrom } from '../../../stream-run.ts';
import { openAiApi } from '../../openai-api.ts';
import { findResponse } from '../find-response.ts';

/** A response as it stands, or with `?stream=true` its events from the start. */
export const GET = openAiApi<{ id: string }>(async (event) => {
	const run = await findResponse(event);
	const query = event.url.searchParams;
	if (query.has('starting_after')) {
		throw new Refusal(
			400,
			'invalid',
			'starting_after is not served: send the id of the last event as Last-Event-ID.',
			'starting_after'
		);
	}
	if (query.get('stream') === 'true') return streamFrom(event, openaiResponses, run.id, 0);
	const { start, reply } = await replyOf(event.locals.runs, run.id, run.lastSeq);
	return json(responseOf(start, reply));
});
