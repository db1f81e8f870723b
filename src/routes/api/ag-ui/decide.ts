import { z } from 'zod';
import type { RunView } from '#lib/protocol/conversations.ts';
import { Refusal } from '#lib/server/http/refuse.ts';
import type { Runs } from '#lib/server/runs/runs.ts';

/** What AG-UI says of the interrupts that a person has answered. */
export const Decisions = z.array(
	z.object({
		interruptId: z.string(),
		status: z.enum(['resolved', 'cancelled']),
		payload: z.object({ approved: z.boolean(), reason: z.string().max(1000).optional() }).nullish()
	})
);

/**
 * Answers what the paused run of a thread asked for. What somebody answered before stands.
 *
 * @returns the run, and the event with which it began to wait
 * @throws {Refusal} 409 when nothing waits, 422 when an answer is to nothing that was asked
 */
export async function decide(
	{ owner, runs }: { owner: string; runs: Runs },
	threadId: string,
	decisions: z.infer<typeof Decisions>
): Promise<{ runId: string; seq: number }> {
	const conversation = await runs.conversation(owner, threadId);
	const waiting = conversation?.runs.find(({ status }) => status === 'paused');
	const run = waiting && (await runs.find(owner, waiting.id));
	if (!run) {
		throw new Refusal(409, 'nothing-to-resume', 'Nothing in this thread waits for an answer.');
	}
	const runId = run.id;
	const seq = await pauseOf(runs, run);

	for (const { interruptId, status, payload } of decisions) {
		const approved = status === 'resolved' && payload?.approved === true;
		const answer = { approved, reason: payload?.reason };
		const outcome = await runs.answerApproval(owner, runId, interruptId, answer);
		if (outcome.type === 'refused' && outcome.code === 'unknown-approval') {
			throw new Refusal(422, 'invalid', 'resume: there is no such interrupt in this thread.');
		}
	}
	return { runId, seq };
}

/** Where a paused run began to wait; some of what it asked for may be answered since. */
async function pauseOf(runs: Runs, { id, lastSeq }: RunView): Promise<number> {
	let seq = 0;
	for await (const batch of runs.follow(id, 0, new AbortController().signal)) {
		seq = batch.findLast(({ type }) => type === 'run-pause')?.seq ?? seq;
		if ((batch.at(-1)?.seq ?? 0) >= lastSeq) break;
	}
	return seq;
}
