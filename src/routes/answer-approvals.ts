import { z } from 'zod';
import type { AssistantMessage } from '#lib/protocol/messages.ts';
import { Refusal } from '#lib/server/http/refuse.ts';
import type { AnswerRefusal, Runs } from '#lib/server/runs/runs.ts';

/** Why a person decided so, for the model to know. */
export const Reason = z.string().max(1000, 'may have at most 1,000 characters').optional();

/** What a person decided about one thing that a run asked for. */
export interface Decision {
	id: string;
	approved: boolean;
	reason?: string | undefined;
}

/**
 * Answers what the run of a reply asked for. The same answer may be sent again, and counts once.
 *
 * @returns the reply, and the number of the event that says the last of these answers
 * @throws {Refusal} 404 for what was not asked, 409 for what was decided otherwise before
 */
export async function answerApprovals(
	{ owner, runs }: { owner: string; runs: Runs },
	{ conversationId, messageId }: { conversationId: string; messageId: string },
	decisions: Decision[]
): Promise<{ reply: AssistantMessage; seq: number }> {
	const conversation = await runs.conversation(owner, conversationId);
	const reply = conversation?.messages.find(({ id }) => id === messageId);
	if (reply?.role !== 'assistant') {
		throw new Refusal(404, 'unknown-run', 'There is no such answer in this conversation.');
	}

	let seq = 0;
	for (const { id, approved, reason } of decisions) {
		const outcome = await runs.answerApproval(owner, reply.runId, id, { approved, reason });
		const stands = outcome.type === 'answered' ? outcome : outcome.earlier;
		if (!stands || ('approved' in stands && stands.approved !== approved)) {
			throw approvalRefused(outcome as AnswerRefusal);
		}
		seq = Math.max(seq, stands.seq);
	}
	return { reply, seq };
}

/** Why an answer does not count, for whoever gave it. */
export function approvalRefused({ code }: AnswerRefusal): Refusal {
	switch (code) {
		case 'unknown-run':
			return new Refusal(404, code, 'There is no such run.');
		case 'unknown-approval':
			return new Refusal(404, code, 'This run asked for nothing by that id.');
		case 'approval-answered':
			return new Refusal(409, code, 'That was decided before, or the answer is over.');
		case 'shutting-down':
			return new Refusal(503, code, 'The server is restarting. Try again in a moment.');
	}
}
