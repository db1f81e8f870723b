import type { RunView } from '#lib/protocol/conversations.ts';
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
	const waiting = conversation?.runs.find(({ status }) => status === 'paused');
	const run = waiting && (await runs.find(owner, waiting.id));
	if (!run) {
		throw new Refusal(409, 'nothing-to-resume', 'Nothing in this thread waits for an answer.');
	}
	const seq = await pauseOf(runs, run);
	await answerApprovals({ owner, runs }, run, decisions);
	return { runId: run.id, seq };
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
