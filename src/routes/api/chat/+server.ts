import { readCursor } from '#lib/server/http/queries.ts';
import { readBody } from '#lib/server/http/read-body.ts';
import { api } from '#lib/server/http/refuse.ts';
import { MAX_SENT, SentMessages } from '../../sent-messages.ts';
import { startAndStream } from '../../stream-run.ts';
import { streamSent } from '../../stream-sent.ts';

/** Answers the AI SDK's `Chat`; its `id` is the conversation's, made when it is new. */
export const POST = api(async (event) => {
	const { headers } = event.request;
	const resumed = readCursor(headers, event.url.searchParams);
	if (resumed) return startAndStream(event, 'ui-message', () => ({}));
	return streamSent(event, await readBody(event.request, SentMessages, MAX_SENT));
});
