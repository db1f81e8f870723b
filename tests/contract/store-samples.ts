import type { Numbered } from '#lib/protocol/events.ts';
import { foldInto } from '#lib/protocol/fold.ts';
import type { AssistantMessage } from '#lib/protocol/messages.ts';
import type { Append, RunDraft, Started, Store } from '#lib/server/store/store.ts';
import { assert } from 'vitest';

/** Makes a test of what is done with a store that has nothing in it. */
export type WithStore = (test: (store: Store) => Promise<void>) => () => Promise<void>;

/** Takes everything out of a store again that these samples put in. */
export async function clear(store: Store): Promise<void> {
	for (const { id: runId, epoch, messageId } of await store.openRuns()) {
		const message: AssistantMessage = {
			id: messageId,
			role: 'assistant',
			runId,
			agent: '',
			model: '',
			seq: 1,
			status: 'stopped',
			parts: []
		};
		await store.append([{ runId, epoch, events: [], end: { status: 'stopped', message, now: 0 } }]);
	}
	for (const owner of ['ada', 'ben']) {
		const { conversations } = await store.conversations(owner, 1000);
		for (const { id } of conversations) await store.deleteConversation(owner, id);
	}
}

let count = 0;

/** A question in a conversation that is made for it, unless told otherwise. */
export function draft(changes: Partial<RunDraft> = {}): RunDraft {
	const number = String(++count);
	return {
		owner: 'ada',
		conversationId: `conversation-${number}`,
		create: true,
		title: `Title ${number}`,
		question: { id: `question-${number}`, text: `Question ${number}` },
		runId: crypto.randomUUID(),
		messageId: `reply-${number}`,
		agent: 'assistant',
		model: 'demo',
		now: 1000,
		...changes
	};
}

/** Starts a run that must start. */
export async function start(store: Store, changes: Partial<RunDraft> = {}): Promise<Started> {
	const started = await store.startRun(draft(changes));
	assert(started.type === 'started', `the run did not start: ${JSON.stringify(started)}`);
	return started;
}

/** Starts a run and ends it at once. */
export async function ask(store: Store, changes: Partial<RunDraft> = {}): Promise<Started> {
	const started = await start(store, changes);
	await store.append([ending(started, [], changes.now)]);
	return started;
}

export function delta(seq: number, text = `token ${String(seq)} `): Numbered {
	return { seq, type: 'text-delta', partId: 'p1', delta: text };
}

/** Deltas numbered from `first` to `last`. */
export function deltas(first: number, last: number): Numbered[] {
	return Array.from({ length: last - first + 1 }, (_, index) => delta(first + index));
}

export function appendTo(run: Started, ...events: Numbered[]): Append {
	return { runId: run.message.runId, epoch: run.epoch, events };
}

/** The last events of a run, with what it came to. */
export function ending(run: Started, events: Numbered[] = [], now = 2000): Append {
	const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 };
	const seq = (events.at(-1)?.seq ?? 1) + 1;
	const end: Numbered = { seq, type: 'run-end', reason: 'done', usage, durationMs: 5 };
	const message: AssistantMessage = { ...run.message, parts: [] };
	for (const event of [...events, end]) foldInto(message, event);
	return { ...appendTo(run, ...events, end), end: { status: 'done', message, now } };
}

/** The last events of a run for now: it asks for these approvals, and waits. */
export function pausing(run: Started, ids = ['p1'], state = '{"so":"far"}', after = 1): Append {
	const approvals = ids.map((id) => ({ id, callId: `call-${id}` }));
	const asked = approvals.map(({ id: approvalId, callId }, index): Numbered => ({
		...{ seq: after + index + 1, type: 'approval-request', approvalId, callId }
	}));
	const pause: Numbered = { seq: after + ids.length + 1, type: 'run-pause', reason: 'approval' };
	const message: AssistantMessage = { ...run.message, parts: [] };
	for (const event of [...asked, pause]) foldInto(message, event);
	return {
		...appendTo(run, ...asked, pause),
		pause: { pause: { state, approvals }, message, now: 1500 }
	};
}

/** The numbers of the events that are stored for a run. */
export async function seqs(store: Store, run: Started): Promise<number[]> {
	const events = await store.events(run.message.runId, 0, 100_000_000);
	return events.map(({ seq }) => seq);
}
