import { foldInto } from '#lib/protocol/fold.ts';
import type { Numbered, RunEvent } from '#lib/protocol/events.ts';
import type { AssistantMessage, Failure } from '#lib/protocol/messages.ts';
import type { RunRecord, Store } from '#lib/server/store/store.ts';
import { closeParts } from './run.ts';

const PAGE = 256 * 1024;

/** What a run says when its process goes away under it. */
export const INTERRUPTED: Failure = {
	code: 'interrupted',
	message: 'The server restarted while this was being answered. What had been said is kept.',
	retryable: true
};

/**
 * Keeps other processes from beginning a run until what it returns is called; undefined while one
 * may be answering.
 */
export type KeepOut = () => (() => void) | undefined;

/** Closes these runs, whose processes died; false, and nothing changes, when one may be alive. */
export async function closeDead(
	store: Store,
	records: RunRecord[],
	keepOut: KeepOut
): Promise<boolean> {
	if (records.length === 0) return true;
	const release = keepOut();
	if (!release) return false;
	try {
		for (const record of records) await close(store, record);
		return true;
	} finally {
		release();
	}
}

/**
 * Closes a run whose process died: its open parts end, its last event says `interrupted`, and its
 * message holds everything that was ever committed. Does nothing when somebody else has the run.
 */
async function close(store: Store, record: RunRecord): Promise<void> {
	const claimed = await store.claimRun(record.id, record.epoch);
	if (!claimed) return;

	const conversation = await store.conversation(record.owner, record.conversationId);
	const reply = conversation?.messages.find(({ id }) => id === record.messageId);
	if (reply?.role !== 'assistant') throw new Error(`run ${record.id} has no reply to recover`);
	const { message, open } = await replay(store, reply);

	const now = Date.now();
	const ends: RunEvent[] = [
		...closeParts(open),
		{ type: 'run-error', ...INTERRUPTED, durationMs: Math.max(0, now - record.startedAt) }
	];
	const events = ends.map((event, index) => ({ ...event, seq: message.seq + index + 1 }));
	for (const event of events) foldInto(message, event);
	await store.append([
		{
			runId: record.id,
			epoch: claimed.epoch,
			events,
			end: { status: 'interrupted', message, now }
		}
	]);
}

/** A reply with everything folded in that its run's log holds, and the parts that are still open. */
export async function replay(
	store: Store,
	begun: AssistantMessage
): Promise<{ message: AssistantMessage; open: Map<string, 'text' | 'reasoning'> }> {
	const message = structuredClone(begun);
	const open = new Map<string, 'text' | 'reasoning'>();
	for (;;) {
		const events: Numbered[] = await store.events(message.runId, message.seq, PAGE);
		if (events.length === 0) break;
		for (const event of events) foldInto(message, event);
	}
	for (const part of message.parts) {
		if ((part.type === 'text' || part.type === 'reasoning') && !part.closed) {
			open.set(part.id, part.type);
		}
	}
	return { message, open };
}
