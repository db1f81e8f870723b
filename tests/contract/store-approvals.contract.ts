import type { ApprovalAnswer, Started, Store } from '#lib/server/store/store.ts';
import { describe, expect, test } from 'vitest';
import {
	appendTo,
	ask,
	delta,
	ending,
	pausing,
	seqs,
	start,
	type WithStore
} from './store-samples.ts';

/** What the store promises about runs that wait for a person. */
export function approvalsContract(withStore: WithStore): void {
	describe('a run that is paused', () => {
		test(
			'keeps what it needs to go on, and stays open',
			withStore(async (store) => {
				const run = await start(store, { conversationId: 'c1' });
				const { runId } = run.message;
				expect(await store.pause(runId)).toBeUndefined();

				const state = JSON.stringify({ odd: 'a\nb\tc\u2028', long: 'x'.repeat(100_000) });
				const pause = pausing(run, ['p1', 'p2'], state);
				expect(await store.append([pause])).toEqual({ lost: [] });

				expect(await store.run(runId)).toMatchObject({ status: 'paused', lastSeq: 4 });
				expect(await store.openRuns()).toMatchObject([{ id: runId, status: 'paused' }]);
				expect(await store.pause(runId)).toEqual({
					seq: 4,
					state,
					approvals: [
						{ id: 'p1', callId: 'call-p1' },
						{ id: 'p2', callId: 'call-p2' }
					]
				});
				const conversation = await store.conversation('ada', 'c1');
				expect(conversation?.messages.at(-1)).toEqual(pause.pause?.message);
				expect(conversation?.runs).toMatchObject([{ id: runId, status: 'paused' }]);
				expect(await store.deleteConversation('ada', 'c1')).toBe('busy');
			})
		);

		test(
			'stores nothing of a pause that somebody else’s run does not take',
			withStore(async (store) => {
				const run = await start(store);
				const { runId } = run.message;
				await store.claimRun(runId, run.epoch);

				expect(await store.append([pausing(run)])).toEqual({ lost: [runId] });
				expect(await store.pause(runId)).toBeUndefined();
				expect(await store.answerApproval(yes(run))).toEqual(unknown);
			})
		);

		test(
			'can be ended without an answer, and is closed for answers then',
			withStore(async (store) => {
				const run = await start(store);
				await store.append([pausing(run)]);
				const end = ending(run, [delta(4)]);
				expect(await store.append([end])).toEqual({ lost: [] });

				expect(await store.pause(run.message.runId)).toBeUndefined();
				expect(await store.answerApproval(yes(run))).toEqual(answered());
				expect(await seqs(store, run)).toEqual([1, 2, 3, 4, 5]);
			})
		);

		test(
			'is forgotten with its conversation, so that its number can be taken again',
			withStore(async (store) => {
				const run = await start(store, { conversationId: 'c1' });
				await store.append([pausing(run)]);
				await store.append([ending(run, [delta(4)])]);
				expect(await store.deleteConversation('ada', 'c1')).toBe('deleted');

				const next = await start(store, { conversationId: 'c1' });
				expect(await store.append([pausing(next)])).toEqual({ lost: [] });
				expect(await store.answerApproval(yes(next))).toMatchObject({ type: 'answered' });
			})
		);
	});

	describe('an approval', () => {
		test(
			'is answered with an event that says so',
			withStore(async (store) => {
				const run = await paused(store, ['p1', 'p2']);
				const { runId } = run.message;

				expect(await store.answerApproval(yes(run, 'p2'))).toEqual({
					...{ type: 'answered', callId: 'call-p2', seq: 5, open: 1 }
				});
				const no = { runId, approvalId: 'p1', approved: false, reason: 'Not \ud83d today.' };
				expect(await store.answerApproval(no)).toEqual({
					...{ type: 'answered', callId: 'call-p1', seq: 6, open: 0 }
				});

				expect(await store.events(runId, 4, 1e6)).toEqual([
					{
						...{ seq: 5, type: 'approval-response', approvalId: 'p2' },
						...{ callId: 'call-p2', approved: true }
					},
					{
						...{ seq: 6, type: 'approval-response', approvalId: 'p1' },
						...{ callId: 'call-p1', approved: false, reason: 'Not \ud83d today.' }
					}
				]);
				expect((await store.pause(runId))?.approvals).toEqual([
					{ id: 'p1', callId: 'call-p1', approved: false, reason: 'Not \ufffd today.' },
					{ id: 'p2', callId: 'call-p2', approved: true }
				]);
			})
		);

		test(
			'counts once, however many answer it at once',
			withStore(async (store) => {
				const run = await paused(store);
				const answers = await Promise.all(
					Array.from({ length: 50 }, (_, index) =>
						store.answerApproval({ ...yes(run), approved: index % 2 === 0 })
					)
				);

				expect(answers.filter(({ type }) => type === 'answered')).toHaveLength(1);
				expect(answers.slice(1)).toEqual(
					Array.from({ length: 49 }, () => answered({ approved: true, seq: 4 }))
				);
				expect(await seqs(store, run)).toEqual([1, 2, 3, 4]);
			})
		);

		test(
			'is known to its own run alone',
			withStore(async (store) => {
				const [run, other] = [await paused(store, ['mine']), await paused(store, ['theirs'])];
				expect(await store.answerApproval(yes(run, 'theirs'))).toEqual(unknown);
				expect(await store.answerApproval(yes(run, 'nobody’s'))).toEqual(unknown);
				const strange = { ...yes(run, 'mine'), runId: 'no-such-run' };
				expect(await store.answerApproval(strange)).toEqual(unknown);
				expect([await seqs(store, run), await seqs(store, other)]).toEqual([
					[1, 2, 3],
					[1, 2, 3]
				]);
			})
		);

		test(
			'takes the run from whoever had it, so that no two write at one place',
			withStore(async (store) => {
				const run = await paused(store);
				const { runId } = run.message;
				await store.answerApproval(yes(run));

				expect(await store.append([appendTo(run, delta(4))])).toEqual({ lost: [runId] });
				expect(await store.claimRun(runId, run.epoch)).toBeUndefined();
				expect(await seqs(store, run)).toEqual([1, 2, 3, 4]);
			})
		);
	});

	describe('going on', () => {
		test(
			'waits for the last answer',
			withStore(async (store) => {
				const run = await paused(store, ['p1', 'p2']);
				const { runId } = run.message;
				expect(await store.resumeRun(runId, run.epoch)).toBeUndefined();
				await store.answerApproval(yes(run, 'p1'));
				expect(await store.resumeRun(runId, run.epoch + 1)).toBeUndefined();
				await store.answerApproval(yes(run, 'p2'));

				const epoch = run.epoch + 3;
				expect(await store.resumeRun(runId, epoch - 1)).toMatchObject({
					...{ id: runId, status: 'running', epoch, lastSeq: 6 }
				});
				expect(await store.pause(runId)).toBeUndefined();
				const heir = { ...run, epoch };
				expect(await store.append([appendTo(heir, delta(7))])).toEqual({ lost: [] });
			})
		);

		test(
			'is for one of many who want to',
			withStore(async (store) => {
				const run = await paused(store);
				await store.answerApproval(yes(run));
				const resumed = await Promise.all(
					Array.from({ length: 20 }, () => store.resumeRun(run.message.runId, run.epoch + 1))
				);
				expect(resumed.filter(Boolean)).toHaveLength(1);
			})
		);

		test(
			'is not for a run that runs or is over',
			withStore(async (store) => {
				const running = await start(store);
				const over = await ask(store);
				expect(await store.resumeRun(running.message.runId, 1)).toBeUndefined();
				expect(await store.resumeRun(over.message.runId, 1)).toBeUndefined();
				expect(await store.resumeRun('no-such-run', 1)).toBeUndefined();
			})
		);

		test(
			'may come to another pause, with approvals of its own',
			withStore(async (store) => {
				const run = await paused(store);
				const { runId } = run.message;
				await store.answerApproval(yes(run));
				await store.resumeRun(runId, run.epoch + 1);

				const heir = { ...run, epoch: run.epoch + 2 };
				await store.append([pausing(heir, ['p2'], 'later', 4)]);
				expect(await store.pause(runId)).toEqual({
					...{ seq: 6, state: 'later', approvals: [{ id: 'p2', callId: 'call-p2' }] }
				});
				expect(await store.answerApproval(yes(run))).toEqual(answered({ approved: true, seq: 4 }));
				expect(await store.answerApproval(yes(run, 'p2'))).toMatchObject({ seq: 7, open: 0 });
			})
		);
	});
}

const unknown = { type: 'refused', code: 'unknown-approval' };

function answered(earlier?: { approved: boolean; seq: number }) {
	return { type: 'refused', code: 'approval-answered', ...(earlier && { earlier }) };
}

/** A run that waits for these approvals. */
async function paused(store: Store, ids = ['p1']): Promise<Started> {
	const run = await start(store);
	await store.append([pausing(run, ids)]);
	return run;
}

function yes(run: Started, approvalId = 'p1'): ApprovalAnswer {
	return { runId: run.message.runId, approvalId, approved: true };
}
