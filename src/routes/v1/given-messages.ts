import { z } from 'zod';
import type { Message } from '#lib/protocol/messages.ts';
import { listOf, parse, Text } from '#lib/server/http/read-body.ts';
import { Refusal } from '#lib/server/http/refuse.ts';
import type { Ask } from '#lib/server/runs/runs.ts';

const Piece = z.object({
	type: z.enum(['text', 'input_text', 'output_text'], {
		error: 'only text can be taken, no images or files yet'
	}),
	text: z.string()
});

const Content = z.preprocess(
	(value) => (typeof value === 'string' ? [{ type: 'text', text: value }] : value),
	listOf(Piece, { error: 'must be text' }).transform((pieces) =>
		pieces.map(({ text }) => text).join('\n')
	)
);

/** A message of a history that the client keeps. */
export const GivenMessage = z.object({
	type: z
		.literal('message', { error: 'only messages can be taken: tools are the server’s own' })
		.optional(),
	role: z.enum(['system', 'developer', 'user', 'assistant'], {
		error: 'must be system, developer, user or assistant: tools are the server’s own'
	}),
	content: Content
});

/** For fields that would change the answer and are not served: a client must not believe they were. */
export const notServed = (why: string) => z.array(z.unknown()).max(0, why).nullish();

/** Why a request may not bring tools. */
export const OWN_TOOLS = 'cannot be taken yet: the agent of this server has tools of its own';

/**
 * What OpenAI's clients send as a conversation, as a question with its history. `field` is where the
 * messages stand in the request.
 *
 * @throws {Refusal} when the last message is not a question
 */
export function askOf(
	messages: z.infer<typeof GivenMessage>[],
	field: string,
	cast: { agent: string; model: string }
): Ask {
	const wanted = messages.filter(({ role }) => role === 'system' || role === 'developer');
	const spoken = messages.filter(({ role }) => role === 'user' || role === 'assistant');
	const question = spoken.pop();
	if (question?.role !== 'user') {
		throw new Refusal(400, 'invalid', `${field}: the last one must be the user’s.`, field);
	}
	return {
		text: parse(Text, question.content, field),
		model: cast.model,
		history: spoken.map(({ role, content }, index) =>
			messageOf(role === 'user' ? role : 'assistant', content, `given-${String(index)}`, cast)
		),
		instructions: wanted.map(({ content }) => content).join('\n\n') || undefined
	};
}

function messageOf(
	role: Message['role'],
	text: string,
	id: string,
	cast: { agent: string; model: string }
): Message {
	const parts = [{ type: 'text' as const, id: 'text', seq: 0, text, closed: true }];
	if (role === 'user') return { id, role, createdAt: 0, parts };
	return { id, role, runId: id, ...cast, seq: 0, status: 'done', parts };
}
