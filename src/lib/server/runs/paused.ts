import type { Question } from '#lib/server/agents/answer.ts';
import type { AssistantMessage, Message } from '#lib/protocol/messages.ts';
import type { RunEvent } from '#lib/protocol/events.ts';
import type { Approval, RunRecord, Store } from '#lib/server/store/store.ts';
import { replay } from './recover.ts';
import { foldInto } from '#lib/protocol/fold.ts';
import { type RunInit, unpackState } from './run.ts';

/** A run that goes on after its pause. */
export type Resumed = Pick<RunInit, 'epoch' | 'message' | 'last' | 'before'> & {
	question: Question;
};

/**
 * Takes a paused run over when all that it waited for is decided; undefined when it is not. The
 * pause is used up on disk before the agent goes on, so that no approved tool can ever run twice:
 * a process that dies after it leaves a run that is closed as interrupted.
 */
export async function resume(store: Store, runId: string): Promise<Resumed | undefined> {
	const record = await store.run(runId);
	const pause = await store.pause(runId);
	if (!record || !pause?.approvals.every(isDecided)) return;

	const { message, history } = await read(store, record);
	const last = (await store.events(runId, message.seq - 1, 1))[0];
	if (!last) throw new Error(`run ${runId} has no last event`);
	const { state, usage, durationMs } = unpackState(pause.state);
	const { conversationId } = record;
	const { agent, model } = message;
	const decisions = pause.approvals.map(({ callId, approved, reason }) => {
		return { callId, approved: approved === true, reason };
	});

	const claimed = await store.resumeRun(runId, record.epoch);
	return (
		claimed && {
			epoch: claimed.epoch,
			message,
			last,
			before: { usage, durationMs },
			question: { conversationId, history, agent, model, resume: { state, decisions } }
		}
	);
}

/** Ends a run that waits for a person. False when somebody was faster: look again. */
export async function stopPaused(store: Store, runId: string): Promise<boolean> {
	const record = await store.run(runId);
	const pause = await store.pause(runId);
	if (record?.status !== 'paused') return true;
	const claimed = pause && (await store.claimRun(runId, record.epoch));
	if (!claimed) return false;

	const { message } = await read(store, claimed);
	const { usage, durationMs } = unpackState(pause.state);
	const end: RunEvent = { type: 'run-end', reason: 'stopped', usage, durationMs };
	const events = [{ ...end, seq: message.seq + 1 }];
	for (const event of events) foldInto(message, event);
	const { epoch } = claimed;
	const ending = { status: 'stopped' as const, message, now: Date.now() };
	const { lost } = await store.append([{ runId, epoch, events, end: ending }]);
	return lost.length === 0;
}

/** The reply of a run as its log has it, and what was said before it. */
async function read(
	store: Store,
	{ id, owner, conversationId, messageId }: RunRecord
): Promise<{ message: AssistantMessage; history: Message[] }> {
	const messages = (await store.conversation(owner, conversationId))?.messages ?? [];
	const index = messages.findIndex((message) => message.id === messageId);
	const reply = messages[index];
	if (reply?.role !== 'assistant') throw new Error(`run ${id} has no reply to go on with`);
	return { message: (await replay(store, reply)).message, history: messages.slice(0, index) };
}

function isDecided({ approved }: Approval): boolean {
	return approved !== undefined;
}
