import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { listOf } from '#lib/server/http/read-body.ts';
import { chatCompletionOf, openai, openaiWithUsage } from '#lib/wire/openai.ts';
import { askOf, GivenMessage, notServed, OWN_TOOLS } from '../../given-messages.ts';
import { failed, openAiApi } from '../../openai-api.ts';
import { answer } from '../../answer.ts';

/** What sets the model's sampling is the operator's business: it is taken, and not used. */
const Body = z.object({
	model: z.string(),
	messages: listOf(GivenMessage, { min: 1 }),
	stream: z.boolean().nullish(),
	stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
	n: z.literal(1, { error: 'must be 1' }).nullish(),
	tools: notServed(OWN_TOOLS),
	functions: notServed(OWN_TOOLS),
	response_format: z.object({ type: z.literal('text', { error: 'only text is served' }) }).nullish()
});

/** Answers as OpenAI's chat completions do: streaming or at once. */
export const POST = openAiApi((event) =>
	answer(event, Body, {
		ownWire: openai,
		ask: ({ messages, model, stream_options }, agent) => ({
			...askOf(messages, 'messages', { agent, model }),
			wire: stream_options?.include_usage ? openaiWithUsage : openai,
			attached: true
		}),
		whole: ({ start, reply }) =>
			reply.failure ? failed(reply.failure) : json(chatCompletionOf(start, reply))
	})
);
