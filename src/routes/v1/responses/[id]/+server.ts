import { json } from '@sveltejs/kit';
import { readNumber } from '#lib/server/http/queries.ts';
import { responseOf } from '#lib/wire/openai-response.ts';
import { openaiResponsesAfter } from '#lib/wire/openai-responses.ts';
import { replyOf } from '../../../reply-of.ts';
import { streamFrom } from '../../../stream-run.ts';
import { openAiApi } from '../../openai-api.ts';
import { findResponse } from '../find-response.ts';

const MAX_NUMBER = 1_000_000_000;

/** A response as it stands, or with `?stream=true` its events, those after `starting_after` alone. */
export const GET = openAiApi<{ id: string }>(async (event) => {
	const run = await findResponse(event);
	const query = event.url.searchParams;
	if (query.get('stream') === 'true') {
		const known = readNumber(query, 'starting_after', { fallback: -1, min: 0, max: MAX_NUMBER });
		return streamFrom(event, openaiResponsesAfter(known), run.id, 0);
	}
	const { start, reply } = await replyOf(event.locals, run.id, { until: run.lastSeq });
	return json(responseOf(start, reply));
});
