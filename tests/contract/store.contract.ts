import type { Store } from '#lib/server/store/store.ts';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { approvalsContract } from './store-approvals.contract.ts';
import { branchesContract } from './store-branches.contract.ts';
import { conversationsContract } from './store-conversations.contract.ts';
import { logContract } from './store-log.contract.ts';
import { appendTo, clear, delta, start, type WithStore } from './store-samples.ts';
import { startsContract } from './store-starts.contract.ts';

/** Every promise of the `Store` port, as tests. `open` MUST give an empty store each time. */
export function storeContract(name: string, open: () => Promise<Store>): void {
	describe(name, () => {
		let shared: Store;
		const withStore: WithStore = (test) => () => test(shared);

		beforeAll(async () => {
			shared = await open();
		}, 30_000);
		afterEach(() => clear(shared));
		afterAll(() => shared.close());

		startsContract(withStore);
		branchesContract(withStore);
		logContract(withStore);
		approvalsContract(withStore);
		conversationsContract(withStore);

		test(
			'says that it can be written',
			withStore(async (store) => {
				await expect(vi.waitFor(() => store.check(), 20_000)).resolves.toBeUndefined();
			})
		);

		test('lets the writes that were asked for finish before it closes, and takes no more', async () => {
			const store = await open();
			const run = await start(store);
			const writes = [2, 3, 4].map((seq) => store.append([appendTo(run, delta(seq))]));

			await Promise.all([store.close(), store.close()]);

			expect(await Promise.all(writes)).toEqual([{ lost: [] }, { lost: [] }, { lost: [] }]);
			await expect(store.append([appendTo(run, delta(5))])).rejects.toThrow('closed');
			await expect(store.check()).rejects.toThrow('closed');
			await expect(store.openRuns()).rejects.toThrow('closed');
		});
	});
}
