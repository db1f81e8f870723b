import { z } from 'zod';
import { ConversationId } from '#lib/server/http/queries.ts';
import { readBody, Text } from '#lib/server/http/read-body.ts';
import type { Ask } from '#lib/server/runs/runs.ts';

const Message = z.object({ message: Text, conversation_id: ConversationId.optional() });

/** What a user asks, from the body of the request. */
export async function readMessage(request: Request): Promise<Ask> {
	const { message, conversation_id } = await readBody(request, Message);
	return { text: message, conversationId: conversation_id };
}
