import type { RequestEvent } from '@sveltejs/kit';
import type { AssistantMessage } from '#lib/protocol/messages.ts';
import { Refusal } from '#lib/server/http/refuse.ts';
import { badToken } from '#lib/server/http/whose.ts';
import type { Runs } from '#lib/server/runs/runs.ts';
import { pass, pastAt, type Past, type RunStart } from '#lib/wire/past.ts';
import type { Begun } from './start-run.ts';

/** A run as one answer: how it began, and what it has come to. */
export interface ReplyTo {
	start: RunStart;
	reply: AssistantMessage;
}

/**
 * A run's reply as it stands after event `until`, at the end of the run, or where it waits for a
 * person: waits until that is said, or the signal aborts.
 *
 * @throws {Refusal} 503 when the server shuts down before, or the signal aborts
 */
export async function replyOf(
	{ owner, runs }: { owner: string; runs: Runs },
	runId: string,
	{ until = Infinity, signal }: { until?: number; signal?: AbortSignal } = {}
): Promise<ReplyTo> {
	let past: Past | undefined;
	for await (const batch of runs.follow(runId, 0, signal ?? new AbortController().signal)) {
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
	if (past && past.reply.status !== 'running' && past.reply.status !== 'paused') return past;
	throw new Refusal(503, 'shutting-down', 'The server is restarting. Try again in a moment.');
}

/**
 * The same for a client that gets it in one piece: waits no longer than the client does, and then
 * gives its place back.
 *
 * @throws {Refusal} 401 when its token expires before
 */
export async function waitForReply(
	{ locals, platform }: RequestEvent,
	{ runId, onleave, listener }: Begun,
	until?: number
): Promise<ReplyTo> {
	const gone = new AbortController();
	const leave = () => {
		onleave();
		gone.abort();
	};
	// an answer that has no body yet cannot be cancelled, but its connection can close
	const socket = platform?.req.socket;
	socket?.once('close', leave);
	const signal = AbortSignal.any([gone.signal, listener.expired]);
	try {
		return await replyOf(locals, runId, { signal, ...(until !== undefined && { until }) });
	} catch (cause) {
		throw listener.expired.aborted ? badToken() : cause;
	} finally {
		listener.leave();
		socket?.off('close', leave);
	}
}
