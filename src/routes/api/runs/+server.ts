import { z } from 'zod';
import { ConversationId } from '#lib/server/http/queries.ts';
import { readBody, Text } from '#lib/server/http/read-body.ts';
import { api } from '#lib/server/http/refuse.ts';
import { startAndStream } from '../../stream-run.ts';

const Question = z.object({
	conversationId: ConversationId.optional(),
	text: Text.optional(),
	parentId: z.string().max(64).nullish(),
	agent: z.string().optional(),
	model: z.string().optional()
});

/** Starts a run and streams it. Without a text the question that `parentId` names is asked again. */
export const POST = api((event) =>
	startAndStream(event, 'native', () => readBody(event.request, Question))
);
