import type { Numbered } from '#lib/protocol/events.ts';
import { describe, expect, test } from 'vitest';
import {
	appendTo,
	ask,
	delta,
	deltas,
	ending,
	type WithStore,
	seqs,
	start
} from './store-samples.ts';

/** What the store promises about the log of a run. */
export function logContract(withStore: WithStore): void {
	describe('the log', () => {
		test(
			'gives back what was appended, in order, from any cursor',
			withStore(async (store) => {
				const run = await start(store);
				await store.append([appendTo(run, ...deltas(2, 3))]);
				await store.append([appendTo(run, delta(4))]);

				expect(await store.events(run.message.runId, 0, 1e6)).toEqual([run.start, ...deltas(2, 4)]);
				expect(await store.events(run.message.runId, 2, 1e6)).toEqual(deltas(3, 4));
				expect(await store.events(run.message.runId, 4, 1e6)).toEqual([]);
				expect(await store.events('no-such-run', 0, 1e6)).toEqual([]);
			})
		);

		test(
			'tells what makes earlier events void, and nothing that only looks like it',
			withStore(async (store) => {
				const [run, other] = [await start(store), await start(store)];
				const setbacks: Numbered[] = [
					{ seq: 3, type: 'run-rewind', toSeq: 1, reason: 'The process died.' },
					{ seq: 5, type: 'run-retract', reason: 'No.' }
				];
				const output = { type: 'run-retract', reason: '"type":"run-rewind"' };
				const lookAlikes: Numbered[] = [
					delta(2, '{"type":"run-rewind","toSeq":1}'),
					{ seq: 4, type: 'tool-end', callId: 'c', name: 'n', output, durationMs: 1 }
				];
				const events = [...setbacks, ...lookAlikes].sort((a, b) => a.seq - b.seq);
				await store.append([appendTo(run, ...events), appendTo(other, delta(2))]);

				expect(await store.setbacks(run.message.runId)).toEqual(setbacks);
				expect(await store.setbacks(other.message.runId)).toEqual([]);
				expect(await store.setbacks('no-such-run')).toEqual([]);
			})
		);

		test(
			'keeps the order of calls that nobody waited for',
			withStore(async (store) => {
				const runs = await Promise.all(Array.from({ length: 20 }, () => start(store)));
				const writes = [];
				for (let seq = 2; seq <= 50; seq++) {
					for (const run of runs) writes.push(store.append([appendTo(run, delta(seq))]));
					if (seq % 10 === 0) await new Promise(setImmediate);
				}
				await Promise.all(writes);

				const wanted = Array.from({ length: 50 }, (_, index) => index + 1);
				for (const run of runs) expect(await seqs(store, run)).toEqual(wanted);
			})
		);

		test(
			'takes the events of many runs in one call',
			withStore(async (store) => {
				const runs = await Promise.all(Array.from({ length: 200 }, () => start(store)));
				expect(await store.append(runs.map((run) => appendTo(run, ...deltas(2, 6))))).toEqual({
					lost: []
				});
				for (const run of runs) expect(await seqs(store, run)).toEqual([1, 2, 3, 4, 5, 6]);
			})
		);

		test(
			'refuses a gap or a repeat as the mistake it is, and nobody else suffers',
			withStore(async (store) => {
				const [run, other] = await Promise.all([start(store), start(store)]);
				const writes = await Promise.allSettled([
					store.append([appendTo(other, delta(2))]),
					store.append([appendTo(run, delta(3))]),
					store.append([appendTo(run, delta(2), delta(4))]),
					store.append([appendTo(run, delta(1))]),
					store.append([appendTo(other, delta(3))])
				]);

				expect(writes.map(({ status }) => status)).toEqual([
					'fulfilled',
					'rejected',
					'rejected',
					'rejected',
					'fulfilled'
				]);
				expect(await seqs(store, run)).toEqual([1]);
				expect(await seqs(store, other)).toEqual([1, 2, 3]);
			})
		);

		test.for([
			['plain', 'It is 09:48.'],
			['line breaks and tabs', 'one\ntwo\r\nthree\r\tfour\u2028five\n\ndata: {"type":"done"}\n\n'],
			['other scripts', 'Grüße, 世界, שלום, e\u0301'],
			['emoji', '👩‍👩‍👧‍👦 🏳️‍🌈'],
			['half a character', 'a\ud83d b\ude00'],
			['NUL', 'before\0after'],
			['quotes', `'; drop table runs; -- "\\"`],
			['48 kB', 'tøken '.repeat(8000)]
		] as const)('gives %s back as it went in', async ([, text]) => {
			await withStore(async (store) => {
				const run = await start(store, { question: { id: 'q', text } });
				const events: Numbered[] = [
					{ seq: 2, type: 'text-start', partId: 'p1' },
					delta(3, text),
					{ seq: 4, type: 'text-end', partId: 'p1' }
				];
				await store.append([ending(run, events)]);

				expect((await store.events(run.message.runId, 1, 1e6)).slice(0, 3)).toEqual(events);
				const conversation = await store.conversation(
					'ada',
					run.start.type === 'run-start' ? run.start.conversationId : ''
				);
				expect(conversation?.messages).toMatchObject([
					{ role: 'user', parts: [{ text }] },
					{ role: 'assistant', parts: [{ text }] }
				]);
			})();
		});

		test(
			'is read in pieces of about as many bytes as asked for, never none',
			withStore(async (store) => {
				const run = await start(store);
				await store.append([appendTo(run, ...deltas(2, 500))]);
				const { runId } = run.message;

				const read: Numbered[] = [];
				for (;;) {
					const piece = await store.events(runId, read.at(-1)?.seq ?? 0, 4000);
					if (piece.length === 0) break;
					expect(JSON.stringify(piece).length).toBeLessThan(4500);
					read.push(...piece);
				}
				expect(read).toEqual([run.start, ...deltas(2, 500)]);
				expect(await store.events(runId, 1, 1)).toEqual([delta(2)]);
			})
		);
	});

	describe('the end of a run', () => {
		test(
			'stores its message and closes it in one step',
			withStore(async (store) => {
				const run = await start(store, { conversationId: 'c1', now: 1000 });
				const end = ending(
					run,
					[{ seq: 2, type: 'text-start', partId: 'p1' }, delta(3, 'Yes.')],
					5000
				);
				await store.append([end]);

				expect(await store.run(run.message.runId)).toMatchObject({ status: 'done', lastSeq: 4 });
				expect(await store.openRuns()).toEqual([]);
				const conversation = await store.conversation('ada', 'c1');
				expect(conversation).toMatchObject({ createdAt: 1000, updatedAt: 5000, runs: [] });
				expect(conversation?.messages.at(-1)).toEqual(end.end?.message);
			})
		);

		test(
			'is the end: nothing is appended after it, nor is it ended again',
			withStore(async (store) => {
				const run = await ask(store, { conversationId: 'c1' });
				const stored = await store.conversation('ada', 'c1');
				const { runId } = run.message;
				const more = appendTo(run, delta(3));

				expect(await store.append([more])).toEqual({ lost: [runId] });
				const end = { status: 'failed' as const, message: run.message, now: 9000 };
				expect(await store.append([{ ...more, end }, more])).toEqual({ lost: [runId] });
				expect(await store.append([{ ...more, events: [], end }])).toEqual({ lost: [runId] });
				expect(await seqs(store, run)).toEqual([1, 2]);
				expect(await store.conversation('ada', 'c1')).toEqual(stored);
			})
		);
	});

	describe('a run that changes hands', () => {
		test(
			'is lost to whoever had it, and to nobody else',
			withStore(async (store) => {
				const [run, other] = await Promise.all([start(store), start(store)]);
				const { runId } = run.message;
				await store.append([appendTo(run, delta(2))]);

				const claimed = await store.claimRun(runId, run.epoch);
				expect(claimed).toMatchObject({ id: runId, epoch: run.epoch + 1, lastSeq: 2 });
				expect(await store.claimRun(runId, run.epoch)).toBeUndefined();

				const lost = await store.append([ending(run, deltas(3, 5)), appendTo(other, delta(2))]);
				expect(lost).toEqual({ lost: [runId] });
				expect(await seqs(store, run)).toEqual([1, 2]);
				expect(await seqs(store, other)).toEqual([1, 2]);

				const mine = { ...run, epoch: run.epoch + 1 };
				expect(await store.append([appendTo(mine, delta(3))])).toEqual({ lost: [] });
				expect(await seqs(store, run)).toEqual([1, 2, 3]);
			})
		);

		test(
			'goes to one of many who claim it at once',
			withStore(async (store) => {
				const run = await start(store);
				const claims = await Promise.all(
					Array.from({ length: 20 }, () => store.claimRun(run.message.runId, run.epoch))
				);
				expect(claims.filter(Boolean)).toHaveLength(1);
			})
		);

		test(
			'cannot be claimed when it is over or unknown',
			withStore(async (store) => {
				const run = await ask(store);
				expect(await store.claimRun(run.message.runId, run.epoch)).toBeUndefined();
				expect(await store.claimRun('no-such-run', 1)).toBeUndefined();
				expect(
					await store.append([{ runId: 'no-such-run', epoch: 1, events: [delta(2)] }])
				).toEqual({
					lost: ['no-such-run']
				});
			})
		);

		test(
			'is found with all that its heir needs',
			withStore(async (store) => {
				await ask(store);
				const run = await start(store, { owner: 'ben', conversationId: 'c1', now: 42 });
				await store.append([appendTo(run, ...deltas(2, 3))]);

				const { runId, id: messageId } = run.message;
				const record = {
					id: runId,
					owner: 'ben',
					conversationId: 'c1',
					messageId,
					status: 'running',
					epoch: run.epoch,
					lastSeq: 3,
					startedAt: 42
				};
				expect(await store.openRuns()).toEqual([record]);
				expect(await store.run(runId)).toEqual(record);
				expect(await store.run('no-such-run')).toBeUndefined();
			})
		);
	});
}
