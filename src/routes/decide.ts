import { Refusal } from '#lib/server/http/refuse.ts';
import type { Runs } from '#lib/server/runs/runs.ts';
import { answerApprovals, type Decision } from './answer-approvals.ts';

/**
 * Answers what the paused run of a conversation asked for, for clients who do not name the run.
 *
 * @returns the run, and the event with which it began to wait
 * @throws {Refusal} 409 when nothing waits or it was decided otherwise before, 404 for what was not
 * asked
 */
export async function decide(
	{ owner, runs }: { owner: string; runs: Runs },
	conversationId: string,
	decisions: Decision[]
): Promise<{ runId: string; seq: number }> {
	const conversation = await runs.conversation(owner, conversationId);
	const run = conversation?.runs.find(({ status }) => status === 'paused');
	const reply = conversation?.messages.find(
		(message) => message.role === 'assistant' && message.runId === run?.id
	);
	const waiting = run && (await runs.waiting(owner, run.id));
	if (!waiting || !reply) {
		throw new Refusal(409, 'nothing-to-resume', 'Nothing in this thread waits for an answer.');
	}
	await answerApprovals({ owner, runs }, { conversationId, messageId: reply.id }, decisions);
	return { runId: run.id, seq: waiting.seq };
}
