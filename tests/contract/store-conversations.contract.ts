import type { Store } from '#lib/server/store/store.ts';
import { describe, expect, test } from 'vitest';
import { appendTo, ask, delta, draft, type WithStore, start } from './store-samples.ts';

/** What the store promises about conversations. */
export function conversationsContract(withStore: WithStore): void {
	describe('the list of conversations', () => {
		test(
			'is newest first, and moves at the start and at the end of a run',
			withStore(async (store) => {
				await ask(store, { conversationId: 'a', now: 1000 });
				await ask(store, { conversationId: 'b', now: 2000 });
				expect(await ids(store)).toEqual(['b', 'a']);

				const run = await start(store, { conversationId: 'a', now: 3000 });
				expect(await ids(store)).toEqual(['a', 'b']);

				await ask(store, { conversationId: 'b', now: 4000 });
				await store.append([
					{
						...appendTo(run, delta(2)),
						end: { status: 'stopped', message: run.message, now: 5000 }
					}
				]);
				expect(await ids(store)).toEqual(['a', 'b']);
			})
		);

		test(
			'says in which of them a run is under way or waits for a person',
			withStore(async (store) => {
				await ask(store, { conversationId: 'quiet', now: 1000 });
				const run = await start(store, { conversationId: 'a', now: 2000 });
				const stranger = await start(store, { owner: 'bob', conversationId: 'quiet' });
				const states = async () =>
					(await store.conversations('ada', 10)).conversations.map(({ id, status }) => [
						id,
						status
					]);
				expect(await states()).toEqual([
					['a', 'running'],
					['quiet', undefined]
				]);
				const pause = { state: '{}', approvals: [{ id: 'approval', callId: 'call' }] };
				await store.append([
					{
						...appendTo(run, delta(2)),
						pause: { pause, message: run.message, now: 3000 }
					}
				]);
				expect((await states())[0]).toEqual(['a', 'paused']);
				await store.append([
					{
						...appendTo(run, delta(3)),
						end: { status: 'stopped', message: run.message, now: 4000 }
					}
				]);
				expect(await states()).toEqual([
					['a', undefined],
					['quiet', undefined]
				]);
				expect(stranger.message.runId).not.toBe('');
			})
		);

		test(
			'comes in pages that miss none and repeat none, also where times are equal',
			withStore(async (store) => {
				for (let index = 0; index < 23; index++) {
					await ask(store, { conversationId: `c.${String(index)}`, now: 1000 + (index >> 3) });
				}

				const seen: string[] = [];
				let before: string | undefined;
				do {
					const page = await store.conversations('ada', 5, before);
					expect(page.conversations.length).toBeGreaterThan(0);
					expect(page.conversations.length).toBeLessThanOrEqual(5);
					seen.push(...page.conversations.map(({ id }) => id));
					before = page.next;
				} while (before !== undefined);

				expect(seen).toHaveLength(23);
				expect(new Set(seen).size).toBe(23);
				expect(seen).toEqual(await ids(store));
			})
		);

		test(
			'says that there is no next page when the last one is full',
			withStore(async (store) => {
				await ask(store);
				await ask(store);
				const { next, conversations } = await store.conversations('ada', 2);
				expect(conversations).toHaveLength(2);
				expect(next).toBeUndefined();
			})
		);

		test.for(['', 'nonsense', '-1.c', '1e9.c', '5', "0' or 1=1"])(
			'is empty before %j, which no page gave',
			async (before) => {
				await withStore(async (store) => {
					await ask(store);
					expect(await store.conversations('ada', 5, before)).toEqual({ conversations: [] });
				})();
			}
		);
	});

	describe('a conversation', () => {
		test(
			'is renamed by its owner alone',
			withStore(async (store) => {
				await ask(store, { conversationId: 'c1', now: 1000 });
				expect(await store.renameConversation('ada', 'c1', 'Größe 👍')).toBe(true);
				expect(await store.renameConversation('ben', 'c1', 'mine')).toBe(false);
				expect(await store.conversation('ada', 'c1')).toMatchObject({ title: 'Größe 👍' });
			})
		);

		test(
			'takes a title that was cut inside a character',
			withStore(async (store) => {
				await ask(store, { conversationId: 'c1', title: 'Hi \ud83d' });
				expect(await store.conversation('ada', 'c1')).toMatchObject({ title: 'Hi \ufffd' });
			})
		);

		test(
			'is deleted with all that was said in it, and its id is free again',
			withStore(async (store) => {
				const kept = await ask(store, { conversationId: 'c2' });
				const key = { value: 'k1', digest: 'd1' };
				const run = await ask(store, { conversationId: 'c1', key });
				const { runId } = run.message;

				expect(await store.deleteConversation('ada', 'c1')).toBe('deleted');
				expect(await store.deleteConversation('ada', 'c1')).toBe('unknown');
				expect(await store.conversation('ada', 'c1')).toBeUndefined();
				expect(await store.run(runId)).toBeUndefined();
				expect(await store.events(runId, 0, 1e6)).toEqual([]);
				expect(await ids(store)).toEqual(['c2']);
				expect(await store.events(kept.message.runId, 0, 1e6)).toHaveLength(2);
				expect((await start(store, { conversationId: 'c1', key })).history).toHaveLength(1);
			})
		);

		test(
			'is not deleted while a run is open in it',
			withStore(async (store) => {
				const run = await start(store, { conversationId: 'c1' });
				expect(await store.deleteConversation('ada', 'c1')).toBe('busy');
				expect(await store.append([appendTo(run, delta(2))])).toEqual({ lost: [] });
			})
		);

		test(
			'is nobody else’s, though they call theirs by the same ids',
			withStore(async (store) => {
				const question = { id: 'q1', text: 'mine' };
				const same = { conversationId: 'c1', messageId: 'm1' };
				await ask(store, { ...same, question });
				expect(await store.conversation('ben', 'c1')).toBeUndefined();
				expect(await store.deleteConversation('ben', 'c1')).toBe('unknown');
				const blind = draft({ owner: 'ben', conversationId: 'c9', parentId: 'q1' });
				expect(await store.startRun(blind)).toMatchObject({ code: 'unknown-parent' });

				const theirs = {
					...same,
					owner: 'ben',
					title: 'B',
					question: { id: 'q1', text: 'theirs' }
				};
				expect((await ask(store, theirs)).history).toHaveLength(1);
				expect(await store.deleteConversation('ben', 'c1')).toBe('deleted');
				expect(await store.conversation('ada', 'c1')).toMatchObject({
					messages: [{ parts: [{ text: 'mine' }] }, { id: 'm1' }]
				});
			})
		);
	});
}

async function ids(store: Store): Promise<string[]> {
	const { conversations } = await store.conversations('ada', 100);
	return conversations.map(({ id }) => id);
}
