import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { transcript } from '../../tests/transcripts/transcripts.ts';
import type { Backend } from './backend.ts';
import { Decisions } from './decisions.ts';
import { listen } from './listen.ts';

test('who leaves is not told that the stopping came to nothing', async () => {
	const stopping = new AbortController();
	const leaving = new AbortController();
	const stopped = Promise.withResolvers<never>();
	const notes: string[] = [];
	const note = (sentence: string) => void notes.push(sentence);
	const backend = {
		keepAliveMs: 60_000,
		async *start(_question: unknown, _key: unknown, { signal }: { signal: AbortSignal }) {
			yield [transcript('text').events[0]!];
			stopping.abort();
			leaving.abort();
			await new Promise((resolve) => {
				if (signal.aborted) resolve(undefined);
				else signal.addEventListener('abort', resolve);
			});
		},
		stop: () => stopped.promise
	} as unknown as Backend;
	const view = { show: () => undefined, settle: () => undefined, note };
	const decisions = new Decisions(backend, note, undefined);
	const question = { conversationId: undefined, text: 'Hi', agent: undefined, model: undefined };
	const { outcome } = await listen(
		{ question, key: 'k' },
		{ backend, view, decisions, stopping: stopping.signal, leaving: leaving.signal }
	);
	stopped.reject(new Error('The store is closed.'));
	await setImmediate();

	expect(outcome).toBe('left');
	expect(notes).toEqual([]);
});
