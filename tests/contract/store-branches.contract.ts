import type { Message } from '#lib/protocol/messages.ts';
import type { Store } from '#lib/server/store/store.ts';
import { describe, expect, test } from 'vitest';
import { ask, draft, type WithStore, start } from './store-samples.ts';

/** What the store promises about who follows whom. */
export function branchesContract(withStore: WithStore): void {
	describe('branches', () => {
		test(
			'a question follows the newest branch unless told otherwise',
			withStore(async (store) => {
				await twoPairs(store);
				const { history } = await start(store, { conversationId: 'c1', question: asks('q3') });

				expect(chain(history)).toEqual(['q1', 'a1 < q1', 'q2 < a1', 'a2 < q2', 'q3 < a2']);
			})
		);

		test(
			'a question that names its parent begins another branch there, and that is the newest',
			withStore(async (store) => {
				await twoPairs(store);
				const edited = { conversationId: 'c1', parentId: 'a1', messageId: 'a2b' };
				const { history, message } = await ask(store, { ...edited, question: asks('q2b') });

				expect(chain(history)).toEqual(['q1', 'a1 < q1', 'q2b < a1']);
				expect(message.parentId).toBe('q2b');
				expect(await shown(store)).toEqual(['q1', 'a1 < q1', 'q2b < a1', 'a2b < q2b']);
			})
		);

		test(
			'a question with no parent begins the conversation anew',
			withStore(async (store) => {
				await twoPairs(store);
				const anew = { conversationId: 'c1', parentId: null, messageId: 'a1b' };
				const { history } = await ask(store, { ...anew, question: asks('q1b') });

				expect(chain(history)).toEqual(['q1b']);
				expect(await shown(store)).toEqual(['q1b', 'a1b < q1b']);
			})
		);

		test.for([
			['the newest question', undefined, ['q1', 'a1 < q1', 'q2 < a1'], 'q2'],
			['the question that an answer belongs to', 'a1', ['q1'], 'q1'],
			['the question itself', 'q1', ['q1'], 'q1']
		] as const)(
			'asking again without a question answers %s',
			async ([, parentId, said, question]) => {
				await withStore(async (store) => {
					await twoPairs(store);
					const again = { conversationId: 'c1', question: undefined, parentId, messageId: 'b' };
					const { history, message } = await ask(store, again);

					expect(chain(history)).toEqual(said);
					expect(message.parentId).toBe(question);
					expect(await shown(store)).toEqual([...said, `b < ${question}`]);
				})();
			}
		);

		test(
			'a branch left behind can be gone on with',
			withStore(async (store) => {
				await twoPairs(store);
				await ask(store, { conversationId: 'c1', parentId: null, question: asks('q1b') });
				const on = { conversationId: 'c1', parentId: 'a2', question: asks('q3') };

				expect(chain((await start(store, on)).history)).toEqual([
					'q1',
					'a1 < q1',
					'q2 < a1',
					'a2 < q2',
					'q3 < a2'
				]);
			})
		);

		test(
			'a parent that is not in the conversation is refused, and nothing is stored',
			withStore(async (store) => {
				await twoPairs(store);
				await ask(store, { conversationId: 'c2', question: asks('elsewhere') });
				const refusal = { type: 'refused', code: 'unknown-parent' };
				const into = (changes: object) =>
					store.startRun(draft({ conversationId: 'c1', ...changes }));

				expect(await into({ parentId: 'elsewhere' })).toEqual(refusal);
				expect(await into({ parentId: 'elsewhere', question: undefined })).toEqual(refusal);
				expect(await into({ parentId: null, question: undefined })).toEqual(refusal);
				expect(await into({ conversationId: 'c3', parentId: 'q1' })).toEqual(refusal);
				expect(await into({ conversationId: 'c3', question: undefined })).toEqual(refusal);
				expect(await store.conversation('ada', 'c3')).toBeUndefined();
				expect(await shown(store)).toHaveLength(4);
			})
		);
	});
}

function asks(id: string) {
	return { id, text: `${id}?` };
}

/** Two questions with their answers: q1, a1, q2, a2. */
async function twoPairs(store: Store): Promise<void> {
	await ask(store, { conversationId: 'c1', question: asks('q1'), messageId: 'a1' });
	await ask(store, { conversationId: 'c1', question: asks('q2'), messageId: 'a2' });
}

/** Each message with the one it follows. */
function chain(messages: Message[]): string[] {
	return messages.map(({ id, parentId }) => (parentId ? `${id} < ${parentId}` : id));
}

async function shown(store: Store): Promise<string[]> {
	const conversation = await store.conversation('ada', 'c1');
	return chain(conversation?.messages ?? []);
}
