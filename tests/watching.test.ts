import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '#lib/server/store/sqlite/sqlite-store.ts';
import { Runs } from '#lib/server/runs/runs.ts';
import { TokensPerMinute } from '../docs/examples/tokens-per-minute.ts';

test('the example in the documentation counts what a run says', async () => {
	const store = await openSqliteStore(':memory:');
	onTestFinished(() => store.close());
	const runs = new Runs({
		store,
		cast: { agents: ['assistant'], models: ['demo'], demo: true },
		flushMs: 0,
		answer(_question, say) {
			say({ type: 'text-start', partId: 'a' });
			say({ type: 'text-delta', partId: 'a', delta: 'one' });
			say({ type: 'text-start', partId: 'b' });
			say({ type: 'text-delta', partId: 'b', delta: 'two' });
			const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 };
			return Promise.resolve({ reason: 'done', usage });
		}
	});
	const started = await runs.start('local', { text: 'hi' });
	const runId = 'runId' in started ? started.runId : '';
	const speed = new TokensPerMinute();
	await speed.watch(runs, runId, 0, new AbortController().signal);
	expect(speed.count).toBe(2);
});
