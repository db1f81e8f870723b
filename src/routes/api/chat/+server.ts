import { readBody } from '#lib/server/http/read-body.ts';
import { api } from '#lib/server/http/refuse.ts';
import { askOf, MAX_SENT, SentMessages } from '../../sent-messages.ts';
import { startAndStream } from '../../stream-run.ts';

/** Starts a run for the AI SDK's `Chat`; its `id` is the conversation's, made when it is new. */
export const POST = api((event) =>
	startAndStream(event, 'ui-message', async () =>
		askOf(await readBody(event.request, SentMessages, MAX_SENT))
	)
);
