import { describe, expect, test } from 'vitest';
import {
	appendTo,
	ask,
	delta,
	deltas,
	draft,
	pausing,
	type WithStore,
	start
} from './store-samples.ts';

/** What `startRun` promises. */
export function startsContract(withStore: WithStore): void {
	describe('starting a run', () => {
		test(
			'makes the conversation, the question, the empty reply and the first event',
			withStore(async (store) => {
				const asked = draft({ question: { id: 'q1', text: 'Why?' }, messageId: 'm1', now: 7 });
				const { runId, conversationId } = asked;
				const question = {
					id: 'q1',
					role: 'user',
					createdAt: 7,
					parts: [{ type: 'text', text: 'Why?', closed: true }]
				};
				const message = {
					id: 'm1',
					role: 'assistant',
					parentId: 'q1',
					createdAt: 7,
					runId,
					agent: 'assistant',
					model: 'demo',
					seq: 1,
					status: 'running',
					parts: []
				};
				const first = {
					seq: 1,
					type: 'run-start',
					runId,
					conversationId,
					messageId: 'm1',
					agent: 'assistant',
					model: 'demo',
					startedAt: 7
				};

				const started = await store.startRun(asked);

				expect(started).toMatchObject({
					type: 'started',
					history: [question],
					message,
					start: first
				});
				expect(await store.events(runId, 0, 1000)).toEqual([first]);
				expect(await store.conversation('ada', conversationId)).toMatchObject({
					id: conversationId,
					title: asked.title,
					createdAt: 7,
					updatedAt: 7,
					messages: [question, message],
					runs: [{ id: runId, messageId: 'm1', status: 'running' }]
				});
			})
		);

		test(
			'refuses a conversation the owner does not have, unless it is to be made',
			withStore(async (store) => {
				await ask(store, { owner: 'ben', conversationId: 'c1' });

				expect(await store.startRun(draft({ conversationId: 'c1', create: false }))).toEqual({
					type: 'refused',
					code: 'unknown-conversation'
				});
				expect(await store.conversations('ada', 10)).toEqual({ conversations: [] });
			})
		);

		test(
			'refuses a second run in a conversation until the first is over, and stores nothing of it',
			withStore(async (store) => {
				const run = await start(store, { conversationId: 'c1' });
				const before = await store.conversation('ada', 'c1');

				const again = draft({ conversationId: 'c1', now: 9999 });
				expect(await store.startRun(again)).toEqual({ type: 'refused', code: 'conversation-busy' });
				expect(await store.conversation('ada', 'c1')).toEqual(before);

				const { message } = run;
				await store.append([pausing(run)]);
				expect(await store.startRun(again)).toEqual({ type: 'refused', code: 'conversation-busy' });

				await store.append([
					{ ...appendTo(run, delta(4)), end: { status: 'stopped', message, now: 2000 } }
				]);
				expect(await store.startRun(again)).toMatchObject({ type: 'started' });
			})
		);

		test(
			'starts one of two runs that are asked for at once in one conversation',
			withStore(async (store) => {
				const both = await Promise.all([
					store.startRun(draft({ conversationId: 'c1' })),
					store.startRun(draft({ conversationId: 'c1' }))
				]);

				expect(both).toMatchObject([
					{ type: 'started' },
					{ type: 'refused', code: 'conversation-busy' }
				]);
			})
		);

		test(
			'keeps the other writes of a moment in which one start is refused',
			withStore(async (store) => {
				const run = await start(store, { conversationId: 'c1' });

				await Promise.all([
					store.append([appendTo(run, delta(2))]),
					store.startRun(draft({ conversationId: 'c1' })),
					store.append([appendTo(run, ...deltas(3, 4))]),
					ask(store, { conversationId: 'c2' })
				]);

				expect(await store.run(run.message.runId)).toMatchObject({ lastSeq: 4 });
				expect(await store.conversation('ada', 'c2')).toMatchObject({ runs: [] });
			})
		);
	});

	describe('an idempotency key', () => {
		const key = { value: 'k1', digest: 'd1' };

		test(
			'gives one run, however often and however closely it is sent',
			withStore(async (store) => {
				const drafts = Array.from({ length: 50 }, () => draft({ conversationId: 'c1', key }));
				const answers = await Promise.all(drafts.map((each) => store.startRun(each)));

				const [first, ...rest] = answers;
				expect(first).toMatchObject({ type: 'started' });
				expect(new Set(rest.map((answer) => JSON.stringify(answer)))).toEqual(
					new Set([JSON.stringify({ type: 'repeated', runId: drafts[0]?.runId })])
				);
				expect(await store.openRuns()).toHaveLength(1);
			})
		);

		test(
			'stands for the run when it is over, too',
			withStore(async (store) => {
				const run = await ask(store, { conversationId: 'c1', key });
				expect(await store.startRun(draft({ conversationId: 'c1', key }))).toEqual({
					type: 'repeated',
					runId: run.message.runId
				});
			})
		);

		test(
			'is refused for another request, even while the conversation is busy',
			withStore(async (store) => {
				await start(store, { conversationId: 'c1', key });
				const other = draft({ conversationId: 'c1', key: { value: 'k1', digest: 'd2' } });
				expect(await store.startRun(other)).toEqual({
					type: 'refused',
					code: 'idempotency-mismatch'
				});
			})
		);

		test(
			'belongs to its owner',
			withStore(async (store) => {
				await start(store, { key });
				const other = { value: 'k1', digest: 'd2' };
				expect(await store.startRun(draft({ owner: 'ben', key: other }))).toMatchObject({
					type: 'started'
				});
			})
		);
	});
}
