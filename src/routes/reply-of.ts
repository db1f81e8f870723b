import type { AssistantMessage } from '#lib/protocol/messages.ts';
import { Refusal } from '#lib/server/http/refuse.ts';
import type { Listener } from '#lib/server/http/listeners.ts';
import { badToken } from '#lib/server/http/whose.ts';
import type { Runs } from '#lib/server/runs/runs.ts';
import { pass, pastAt, type Past, type RunStart } from '#lib/wire/past.ts';

/** A run as one answer: how it began, and what it has come to. */
export interface ReplyTo {
	start: RunStart;
	reply: AssistantMessage;
}

/**
 * A run's reply as it stands after event `until`, at the end of the run, or where it waits for a
 * person: waits until that is said.
 *
 * @throws {Refusal} 503 when the server shuts down before, 401 when the listener's token expires
 */
export async function replyOf(
	{ owner, runs }: { owner: string; runs: Runs },
	runId: string,
	{ until = Infinity, expired }: { until?: number; expired?: Listener['expired'] } = {}
): Promise<ReplyTo> {
	let past: Past | undefined;
	for await (const batch of runs.follow(runId, 0, expired ?? new AbortController().signal)) {
		for (const event of batch) {
			if (event.type === 'run-start') past = pastAt(event);
			else if (past && event.seq <= until) pass(past, event, 0);
		}
		if (past && past.reply.seq >= until) return past;
		if (past?.reply.status !== 'paused') continue;
		const { seq = Infinity } = (await runs.waiting(owner, runId)) ?? {};
		// an earlier pause is over, and one that was just decided is too
		if (seq <= past.reply.seq) return past;
	}
	if (expired?.aborted) throw badToken();
	if (past && past.reply.status !== 'running' && past.reply.status !== 'paused') return past;
	throw new Refusal(503, 'shutting-down', 'The server is restarting. Try again in a moment.');
}
