import { z } from 'zod';
import { ConversationId, readCursor } from '#lib/server/http/queries.ts';
import { listOf, parse, readBody, Text } from '#lib/server/http/read-body.ts';
import { api, Refusal } from '#lib/server/http/refuse.ts';
import { agUiFor, agUiOpening } from '#lib/wire/ag-ui.ts';
import { Reason, type Decision } from '../../answer-approvals.ts';
import { decide } from '../../decide.ts';
import { MAX_SENT } from '../../sent-messages.ts';
import type { WiredAsk } from '../../start-run.ts';
import { startAndStream, streamRest } from '../../stream-run.ts';

const Content = z.union([
	z.string(),
	listOf(z.object({ type: z.string(), text: z.unknown().optional() }))
]);

const Answer = z
	.object({
		interruptId: z.string(),
		status: z.enum(['resolved', 'cancelled']),
		payload: z.object({ approved: z.boolean(), reason: Reason }).nullish()
	})
	.transform(({ interruptId: id, status, payload }): Decision => {
		const approved = status === 'resolved' && payload?.approved === true;
		return { id, approved, reason: payload?.reason };
	});

/** The client's own tools, state and context are taken and not used. */
const Input = z.object({
	threadId: ConversationId,
	runId: z.string().min(1).max(255),
	messages: listOf(z.object({ role: z.string(), content: Content.nullish() })),
	resume: listOf(Answer).nullish()
});
type Input = z.infer<typeof Input>;

/**
 * Runs the agent for AG-UI: an answer to the newest question in the thread, or the rest of an answer
 * that waited for a person.
 */
export const POST = api(async (event) => {
	if (readCursor(event.request.headers, event.url.searchParams)) {
		return startAndStream(event, 'ag-ui', () => ({}));
	}
	const input = await readBody(event.request, Input, MAX_SENT);
	const { threadId, runId, resume } = input;
	const wire = agUiFor({ threadId, runId });
	if (!resume?.length) return startAndStream(event, wire, () => askOf(input));

	const paused = await decide(event.locals, threadId, resume);
	const opening = [{ data: JSON.stringify(agUiOpening({ threadId, runId })) }];
	const rest = { runId: paused.runId, after: paused.seq, attached: true, opening };
	return streamRest(event, wire, rest);
});

/** The server keeps its own history: of all messages only the newest question is taken. */
function askOf({ threadId, messages }: Input): WiredAsk {
	const question = messages.findLast(({ role }) => role === 'user');
	const conversation = { conversationId: threadId, create: true, attached: true };
	return { ...conversation, text: parse(Text, textOf(question?.content), 'messages') };
}

function textOf(content: z.infer<typeof Content> | null | undefined): unknown {
	if (!Array.isArray(content)) return content ?? '';
	if (content.every(({ type, text }) => type === 'text' && typeof text === 'string')) {
		return content.map(({ text }) => text).join('\n');
	}
	throw new Refusal(422, 'invalid', 'messages: only text can be taken, no attachments yet.');
}
