import type { RequestEvent } from '@sveltejs/kit';
import { uiMessage } from '#lib/wire/ui-message.ts';
import { answerApprovals, type Decision } from './answer-approvals.ts';
import { askOf, decisionsOf, type SentMessages } from './sent-messages.ts';
import { startAndStream, streamRest } from './stream-run.ts';

/**
 * Answers what the AI SDK's `Chat` sent: with the answer to its question, or, where it sent a
 * person's decisions, with the rest of the reply that waited for them.
 */
export function streamSent(event: RequestEvent, sent: SentMessages): Promise<Response> {
	const decisions = decisionsOf(sent);
	if (decisions.length > 0) return goOn(event, sent, decisions);
	return startAndStream(event, 'ui-message', () => askOf(sent));
}

/** The rest of a reply, under the same message id: `Chat` would show it as another otherwise. */
async function goOn(
	event: RequestEvent,
	{ id: conversationId, messages }: SentMessages,
	decisions: Decision[]
): Promise<Response> {
	const messageId = messages.at(-1)?.id ?? '';
	const at = { conversationId, messageId };
	const { reply, seq } = await answerApprovals(event.locals, at, decisions);
	const { runId, agent, model } = reply;
	const opening = uiMessage.encode({
		...{ seq: 1, type: 'run-start', runId, conversationId, messageId, agent, model }
	});
	return streamRest(event, uiMessage, { runId, after: seq - 1, attached: false, opening });
}
