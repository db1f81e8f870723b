import { expect, test } from 'vitest';
import type { Numbered } from '#lib/protocol/events.ts';
import type { Runs } from '#lib/server/runs/runs.ts';
import { replyOf } from './reply-of.ts';

const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 };
const ids = { runId: 'r1', conversationId: 'c1', messageId: 'm1', agent: 'a', model: 'm' };
const start: Numbered = { seq: 1, type: 'run-start', ...ids };
const pause: Numbered = { seq: 2, type: 'run-pause', reason: 'approval' };
const end: Numbered = { seq: 3, type: 'run-end', reason: 'done', usage, durationMs: 5 };

test('an answer that waits for a person is given as it stands', async () => {
	expect(await ask([[start, pause], [end]], 2)).toMatchObject({ status: 'paused', seq: 2 });
});

test('a pause that is over by the time it is read is none', async () => {
	for (const waiting of [undefined, 3]) {
		expect(await ask([[start, pause], [end]], waiting)).toMatchObject({ status: 'done', seq: 3 });
	}
});

test('an answer that nobody tells the rest of is refused', async () => {
	const cut = ask([[start, pause]], undefined);
	await expect(cut).rejects.toMatchObject({ status: 503, code: 'shutting-down' });
});

/** The reply of a run that is told in these batches, and waits since that event. */
async function ask(batches: Numbered[][], waiting: number | undefined) {
	const runs: Pick<Runs, 'follow' | 'waiting'> = {
		// eslint-disable-next-line @typescript-eslint/require-await
		follow: async function* () {
			yield* batches;
		},
		waiting: () =>
			Promise.resolve(waiting === undefined ? waiting : { seq: waiting, approvals: [] })
	};
	return (await replyOf({ owner: 'local', runs: runs as Runs }, 'r1')).reply;
}
