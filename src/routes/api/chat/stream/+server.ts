import { z } from 'zod';
import { ConversationId } from '#lib/server/http/queries.ts';
import { parse, readBody, Text } from '#lib/server/http/read-body.ts';
import { api } from '#lib/server/http/refuse.ts';
import type { Ask } from '#lib/server/runs/runs.ts';
import { guardGet } from '../../../guard-get.ts';
import { methodNotAllowed } from '../../../method-not-allowed.ts';
import { startAndStream } from '../../../stream-run.ts';

/** `user_id` is a label of the caller's, never who is asking: it is taken and not used. */
const Message = z.object({
	message: Text,
	user_id: z.string().optional(),
	conversation_id: ConversationId.optional()
});

/** Starts a run from the query and streams its deltas: what an `EventSource` can do. */
export const GET = api((event) =>
	startAndStream(event, 'delta', () => {
		guardGet(event);
		return askOf(parse(Message, Object.fromEntries(event.url.searchParams)));
	})
);

/** The same by POST. */
export const POST = api((event) =>
	startAndStream(event, 'delta', async () => askOf(await readBody(event.request, Message)))
);

// Kit would answer HEAD with GET, which starts a run
export const HEAD = methodNotAllowed('GET, POST');

function askOf({ message, conversation_id }: z.infer<typeof Message>): Ask {
	return { text: message, conversationId: conversation_id };
}
