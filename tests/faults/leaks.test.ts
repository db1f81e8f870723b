import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import type { Answer } from '#lib/server/agents/answer.ts';
import { Runs } from '#lib/server/runs/runs.ts';
import { openSqliteStore } from '#lib/server/store/sqlite/sqlite-store.ts';
import { native } from '#lib/wire/native.ts';
import { respond } from '#lib/wire/respond.ts';

const PATIENCE = { keepAliveMs: 60_000, stallMs: 60_000 };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A thousand words at once. */
const answer: Answer = (_question, say) => {
	say({ type: 'text-start', partId: 't' });
	say({ type: 'text-delta', partId: 't', delta: 'word '.repeat(1000) });
	return Promise.resolve({
		reason: 'done',
		usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 }
	});
};

test('of two thousand runs and their readers, some of whom left, nothing stays in memory', async () => {
	const store = await openSqliteStore(':memory:');
	onTestFinished(() => store.close());
	const cast = { agents: ['assistant'], models: ['demo'], demo: true };
	const runs = new Runs({ store, answer, cast, flushMs: 1 });

	await askAndRead(runs, 200);
	const before = await settled();
	await askAndRead(runs, 2000);
	const after = await settled();

	expect(after.timers).toBe(before.timers);
	// one run weighs 5 kB and more
	expect((after.heap - before.heap) / 2000).toBeLessThan(500);
}, 120_000);

async function askAndRead(runs: Runs, times: number): Promise<void> {
	const reader = async (from: number) => {
		for (let index = from; index < times; index += 20) await askOnce(runs, index % 4 === 0);
	};
	await Promise.all(Array.from({ length: 20 }, (_, index) => reader(index)));
}

async function askOnce(runs: Runs, leaves: boolean): Promise<void> {
	const started = await runs.start('local', { text: 'Hi' });
	if ('refused' in started) throw new Error(started.refused);
	const { runId } = started;
	const follow = (after: number, signal: AbortSignal) => runs.follow(runId, after, signal);
	const response = await respond({ runId, follow, after: 0, over: false }, native, PATIENCE);
	if (leaves) await response.body?.cancel();
	else expect(await response.text()).toContain('"run-end"');
}

/** The heap without garbage, and how many timers run. */
async function settled() {
	await new Promise((resolve) => setTimeout(resolve, 200));
	collectGarbage();
	const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
	return { heap: process.memoryUsage().heapUsed, timers };
}
