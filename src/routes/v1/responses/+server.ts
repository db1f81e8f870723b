import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { listOf } from '#lib/server/http/read-body.ts';
import { responseOf } from '#lib/wire/openai-response.ts';
import { openaiResponses } from '#lib/wire/openai-responses.ts';
import { answer } from '../answer.ts';
import { askOf, GivenMessage, notServed, OWN_TOOLS } from '../given-messages.ts';
import { failed, openAiApi } from '../openai-api.ts';

const NO_STATE = 'is not served: send the earlier messages as input';

/** What sets the model's sampling is the operator's business: it is taken, and not used. */
const Body = z.object({
	model: z.string(),
	input: z.preprocess(toItems, listOf(GivenMessage, { min: 1 })),
	instructions: z.string().nullish(),
	stream: z.boolean().nullish(),
	background: z.boolean().nullish(),
	previous_response_id: z.null({ error: NO_STATE }).optional(),
	conversation: z.null({ error: NO_STATE }).optional(),
	tools: notServed(OWN_TOOLS),
	text: z
		.object({
			format: z.object({ type: z.literal('text', { error: 'only text is served' }) }).optional()
		})
		.nullish()
});

/** Answers as OpenAI's Responses API does: streaming, at once, or in the background. */
export const POST = openAiApi((event) =>
	answer(event, Body, {
		ownWire: openaiResponses,
		ask: ({ input, instructions, model, background }, agent) => {
			const ask = askOf(input, 'input', { agent, model });
			const wanted = [instructions, ask.instructions].filter(Boolean).join('\n\n');
			return { ...ask, instructions: wanted || undefined, attached: background !== true };
		},
		whole: ({ start, reply }) =>
			reply.failure ? failed(reply.failure) : json(responseOf(start, reply))
	})
);

/** A text is a question; reasoning comes back from earlier responses, and no model needs it. */
function toItems(input: unknown): unknown {
	if (typeof input === 'string') return [{ role: 'user', content: input }];
	if (!Array.isArray(input)) return input;
	return input.filter((item: unknown) => !isReasoning(item));
}

function isReasoning(item: unknown): boolean {
	return typeof item === 'object' && item !== null && 'type' in item && item.type === 'reasoning';
}
