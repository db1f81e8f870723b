import { z } from 'zod';
import { readCursor } from '#lib/server/http/queries.ts';
import { parse, readBody, Text } from '#lib/server/http/read-body.ts';
import { api } from '#lib/server/http/refuse.ts';
import { guardGet } from '../../../guard-get.ts';
import { methodNotAllowed } from '../../../method-not-allowed.ts';
import { MAX_SENT, SentMessages } from '../../../sent-messages.ts';
import { startAndStream } from '../../../stream-run.ts';
import { streamSent } from '../../../stream-sent.ts';

const Input = z.object({ input: Text });

/** Starts a run from `?input=` and streams its text: what an `EventSource` can do. */
export const GET = api((event) =>
	startAndStream(event, 'text', () => {
		guardGet(event);
		return { text: parse(Input, { input: event.url.searchParams.get('input') ?? '' }).input };
	})
);

/** The same by POST. A body with `messages` comes from the AI SDK's `Chat`, and is answered in kind. */
export const POST = api(async (event) => {
	const { headers } = event.request;
	const resumed = readCursor(headers, event.url.searchParams);
	if (resumed) return startAndStream(event, 'text', () => ({}));
	const body = await readBody(event.request, z.union([SentMessages, Input]), MAX_SENT);
	if ('messages' in body) return streamSent(event, body);
	return startAndStream(event, 'text', () => ({ text: body.input }));
});

// Kit would answer HEAD with GET, which starts a run
export const HEAD = methodNotAllowed('GET, POST');
