import { z } from 'zod';
import { ConversationId } from '#lib/server/http/queries.ts';
import { listOf, parse, Text } from '#lib/server/http/read-body.ts';
import { Refusal } from '#lib/server/http/refuse.ts';
import type { Ask } from '#lib/server/runs/runs.ts';
import { type Decision, Reason } from './answer-approvals.ts';

/** The AI SDK sends its whole history each time; we read the newest question, and skip the rest. */
export const MAX_SENT = 8_000_000;

const Sent = z.object({
	id: z.string(),
	role: z.enum(['system', 'user', 'assistant']),
	parts: listOf(
		z.object({
			type: z.string(),
			text: z.unknown().optional(),
			state: z.unknown().optional(),
			approval: z.unknown().optional()
		})
	)
});

/**
 * What `DefaultChatTransport` of the AI SDK sends.
 *
 * @see https://ai-sdk.dev/docs/ai-sdk-ui/transport
 */
export const SentMessages = z.object({
	id: ConversationId,
	messages: listOf(Sent, { min: 1 }),
	trigger: z.enum(['submit-message', 'regenerate-message']).default('submit-message'),
	messageId: z.string().optional()
});
export type SentMessages = z.infer<typeof SentMessages>;

const Responded = z.object({
	state: z.literal('approval-responded'),
	approval: z.object({ id: z.string(), approved: z.boolean(), reason: Reason })
});

/**
 * The answers of a person to what a reply asked, where that is what the AI SDK sent; nothing else
 * of the reply is taken.
 */
export function decisionsOf({ messages, trigger }: SentMessages): Decision[] {
	const last = messages.at(-1);
	if (trigger !== 'submit-message' || last?.role !== 'assistant') return [];
	const answered = last.parts.filter(({ state }) => state === 'approval-responded');
	return answered.map((part) => parse(Responded, part).approval);
}

/**
 * The question in what the AI SDK sent. The server keeps its own history, so that of all messages
 * only the newest question is taken; an edited one names what it follows.
 *
 * @throws {Refusal} 422 when there is no question, or one with attachments
 */
export function askOf({ id, messages, trigger, messageId }: SentMessages): Ask {
	const conversation = { conversationId: id, create: true };
	if (trigger === 'regenerate-message') {
		const known = messages.every((message) => message.id !== messageId);
		return { ...conversation, parentId: known ? messageId : undefined };
	}

	const question = messages.at(-1);
	if (question?.role !== 'user') {
		throw new Refusal(422, 'invalid', 'messages: the last one must be the question of the user.');
	}
	if (question.parts.some(({ type, text }) => type !== 'text' || typeof text !== 'string')) {
		throw new Refusal(422, 'invalid', 'messages: only text can be taken, no attachments yet.');
	}
	const text = parse(Text, question.parts.map((part) => part.text).join('\n'));
	const edited = messageId !== undefined;
	return { ...conversation, text, parentId: edited ? (messages.at(-2)?.id ?? null) : undefined };
}
