import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Numbered, Utterance } from '#lib/protocol/events.ts';
import { textOf, type Message } from '#lib/protocol/messages.ts';
import { RunFailure, type Answer, type Question } from '#lib/server/agents/answer.ts';
import { openSqliteStore } from '#lib/server/store/sqlite/sqlite-store.ts';
import { Runs, type Ask } from './runs.ts';

const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 };

afterEach(() => {
	vi.restoreAllMocks();
});

test('a run is followed from its start to its end, without a gap', async () => {
	const runs = await open(says('Hello', ', ', 'world'));
	const events = await readAll(runs, await start(runs, { text: 'hi' }));

	expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
	expect(events[0]).toMatchObject({ type: 'run-start', agent: 'assistant', model: 'demo' });
	expect(events.at(-1)).toMatchObject({ type: 'run-end', reason: 'done', usage });
	expect(deltasOf(events)).toBe('Hello, world');
});

test('every follower, from any cursor, live or late, reads the same events', async () => {
	const gate = Promise.withResolvers<undefined>();
	const runs = await open(async (_question, say) => {
		say({ type: 'text-start', partId: 't' });
		for (let word = 0; word < 50; word++) {
			say({ type: 'text-delta', partId: 't', delta: `word ${String(word)} ` });
			if (word === 25) await gate.promise;
			if (word % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
		}
		return { reason: 'done', usage };
	});
	const runId = await start(runs, { text: 'hi' });
	const live = [0, 1, 2].map((after) => readAll(runs, runId, after));
	gate.resolve(undefined);
	const [whole, ...rest] = await Promise.all(live);
	const late = await readAll(runs, runId);

	expect(late).toEqual(whole);
	expect(rest).toEqual([whole!.slice(1), whole!.slice(2)]);
	for (const after of [0, 3, 7]) {
		expect(await readAll(runs, runId, after)).toEqual(whole!.slice(after));
	}
});

test('a run goes on when everybody has left', async () => {
	const gate = Promise.withResolvers<undefined>();
	const runs = await open(async (_question, say) => {
		say({ type: 'text-start', partId: 't' });
		await gate.promise;
		say({ type: 'text-delta', partId: 't', delta: 'still here' });
		return { reason: 'done', usage };
	});
	const runId = await start(runs, { text: 'hi' });
	const leaving = new AbortController();
	for await (const _batch of runs.follow(runId, 0, leaving.signal)) leaving.abort();

	gate.resolve(undefined);
	expect(deltasOf(await readAll(runs, runId))).toBe('still here');
});

test('stopping keeps what was said, closes what was open, and nothing grows back', async () => {
	const said = Promise.withResolvers<undefined>();
	const settled = Promise.withResolvers<undefined>();
	const runs = await open(async (_question, say, signal) => {
		say({ type: 'text-start', partId: 't' });
		say({ type: 'text-delta', partId: 't', delta: 'kept' });
		said.resolve(undefined);
		await new Promise((resolve) => {
			signal.addEventListener('abort', resolve);
		});
		say({ type: 'text-delta', partId: 't', delta: ' and grown' });
		settled.resolve(undefined);
		return { reason: 'done', usage };
	});
	const runId = await start(runs, { text: 'hi' });
	await said.promise;
	await runs.stop(runId);
	await runs.stop(runId);
	await settled.promise;

	const events = await readAll(runs, runId);
	expect(deltasOf(events)).toBe('kept');
	expect(events.slice(-2)).toMatchObject([
		{ type: 'text-end', partId: 't' },
		{ type: 'run-end', reason: 'stopped' }
	]);
	expect(await runs.find('local', runId)).toMatchObject({
		status: 'stopped',
		lastSeq: events.length
	});
});

test('a failure a person can understand becomes the last event, and the text stays', async () => {
	const runs = await open((_question, say) => {
		say({ type: 'text-start', partId: 't' });
		say({ type: 'text-delta', partId: 't', delta: 'half' });
		return Promise.reject(new RunFailure('rate-limited', 'Wait 20 s.', true));
	});
	const runId = await start(runs, { conversationId: 'c', create: true, text: 'hi' });
	const events = await readAll(runs, runId);

	expect(events.at(-1)).toMatchObject({
		type: 'run-error',
		code: 'rate-limited',
		message: 'Wait 20 s.',
		retryable: true
	});
	const conversation = await runs.conversation('local', 'c');
	expect(textOf(conversation!.messages[1]!)).toBe('half');
	expect(conversation!.messages[1]).toMatchObject({ status: 'failed' });
});

test('a failure nobody foresaw goes to the log, and a sentence to the reader', async () => {
	const log = vi.spyOn(console, 'error').mockReturnValue(undefined);
	const runs = await open(() => Promise.reject(new TypeError('secret detail')));
	const events = await readAll(runs, await start(runs, { text: 'hi' }));

	expect(events.at(-1)).toMatchObject({ type: 'run-error', code: 'internal' });
	expect(JSON.stringify(events)).not.toContain('secret detail');
	expect(log).toHaveBeenCalledOnce();
});

test('a character that the model cut between two deltas is never seen in halves', async () => {
	const text = 'Waves 🌊, a family 👨‍👩‍👧, alone \ud83c, \udf0a and \ud83c';
	const args = '{"sea":"🌊"} \ud83c';
	const runs = await open(async (_question, say) => {
		say({ type: 'reasoning-start', partId: 'r' });
		say({ type: 'text-start', partId: 't' });
		say({ type: 'tool-start', callId: 'c', name: 'swim' });
		for (const unit of text.split('')) {
			say({ type: 'text-delta', partId: 't', delta: unit });
			say({ type: 'reasoning-delta', partId: 'r', delta: unit });
			await new Promise((resolve) => setTimeout(resolve, 1));
		}
		for (const delta of args.split('')) say({ type: 'tool-input-delta', callId: 'c', delta });
		say({ type: 'tool-input', callId: 'c', name: 'swim', input: {} });
		say({ type: 'reasoning-end', partId: 'r' });
		return { reason: 'done', usage };
	});
	const events = await readAll(runs, await start(runs, { text: 'hi' }));

	const said = (type: string) =>
		events.flatMap((event) => (event.type === type && 'delta' in event ? event.delta : []));
	for (const type of ['text-delta', 'reasoning-delta', 'tool-input-delta']) {
		expect(said(type).every((delta) => delta !== '' && delta.isWellFormed())).toBe(true);
		const whole = type === 'tool-input-delta' ? args : text;
		expect(said(type).join('')).toBe(whole.toWellFormed());
	}
	const places = (type: string) => events.findLastIndex((event) => event.type === type);
	expect(places('text-delta')).toBeLessThan(places('text-end'));
	expect(places('reasoning-delta')).toBeLessThan(places('reasoning-end'));
	expect(places('tool-input-delta')).toBeLessThan(places('tool-input'));
});

test('half a character waits for the rest of its own part, while others end', async () => {
	const runs = await open((_question, say) => {
		say({ type: 'reasoning-start', partId: 'r' });
		say({ type: 'text-start', partId: 't' });
		say({ type: 'text-delta', partId: 't', delta: '\ud83c' });
		say({ type: 'reasoning-end', partId: 'r' });
		say({ type: 'text-delta', partId: 't', delta: '\udf0a' });
		return Promise.resolve({ reason: 'done', usage });
	});
	expect(deltasOf(await readAll(runs, await start(runs, { text: 'hi' })))).toBe('🌊');
});

test('deltas of one part are merged, and a merged one holds at most 16 kB', async () => {
	const words = Array.from({ length: 20_000 }, () => 'längeres ');
	const runs = await open(says(...words));
	const events = await readAll(runs, await start(runs, { text: 'hi' }));
	const deltas = events.filter((event) => event.type === 'text-delta');

	expect(deltasOf(events)).toBe(words.join(''));
	expect(deltas.length).toBeLessThan(words.length / 100);
	for (const { delta } of deltas) expect(Buffer.byteLength(delta)).toBeLessThanOrEqual(16_384);
});

test('one delta that is too long is cut, never inside a character', async () => {
	const text = '🌊'.repeat(20_000);
	const runs = await open(says(text));
	const events = await readAll(runs, await start(runs, { text: 'hi' }));

	expect(deltasOf(events)).toBe(text);
	for (const event of events) {
		if (event.type === 'text-delta') expect(event.delta.isWellFormed()).toBe(true);
	}
});

test('a follower that reads nothing is fed by bytes, however much is said', async () => {
	const runs = await open(says(...Array.from({ length: 400 }, () => 'x'.repeat(5000))));
	const runId = await start(runs, { text: 'hi' });
	await readAll(runs, runId);

	const { signal } = new AbortController();
	for await (const batch of runs.follow(runId, 0, signal)) {
		expect(JSON.stringify(batch).length).toBeLessThan(100_000);
	}
});

test('the same key gives the same run, fifty times at once too', async () => {
	const asked = vi.fn(says('once'));
	const runs = await open(asked);
	const ask = { text: 'hi' };
	const starts = await Promise.all(
		Array.from({ length: 50 }, () => runs.start('local', ask, 'key-1'))
	);
	const ids = new Set(starts.map((outcome) => 'runId' in outcome && outcome.runId));

	expect(ids.size).toBe(1);
	await readAll(runs, [...ids][0] as string);
	expect(asked).toHaveBeenCalledOnce();
	expect(await runs.start('local', { text: 'other' }, 'key-1')).toEqual({
		refused: 'idempotency-mismatch'
	});
});

test('a second question while the first is answered is refused, and nothing is stored', async () => {
	const runs = await open((_question, _say, signal) => hang(signal));
	const runId = await start(runs, { conversationId: 'c', create: true, text: 'one' });

	expect(await runs.start('local', { conversationId: 'c', text: 'two' })).toEqual({
		refused: 'conversation-busy'
	});
	await runs.stop(runId);
	await readAll(runs, runId);
	expect((await runs.conversation('local', 'c'))!.messages).toHaveLength(2);
});

test('the model is given the stored conversation, and asked again without the old answer', async () => {
	const histories: string[][] = [];
	const runs = await open(async (question, say) => {
		histories.push(question.history.map(textOf));
		say({ type: 'text-start', partId: 't' });
		say({ type: 'text-delta', partId: 't', delta: `answer ${String(histories.length)}` });
		return Promise.resolve({ reason: 'done', usage });
	});
	const conversationId = 'c';
	await readAll(runs, await start(runs, { conversationId, create: true, text: 'one' }));
	await readAll(runs, await start(runs, { conversationId, text: 'two' }));
	await readAll(runs, await start(runs, { conversationId }));

	expect(histories).toEqual([['one'], ['one', 'answer 1', 'two'], ['one', 'answer 1', 'two']]);
	const { messages } = (await runs.conversation('local', conversationId))!;
	expect(messages.map(textOf)).toEqual(['one', 'answer 1', 'two', 'answer 3']);
});

test('a conversation is shown with the reply under way, as far as it is', async () => {
	const said = Promise.withResolvers<undefined>();
	const runs = await open(async (_question, say, signal) => {
		say({ type: 'text-start', partId: 't' });
		say({ type: 'text-delta', partId: 't', delta: 'so far' });
		said.resolve(undefined);
		return hang(signal);
	});
	const runId = await start(runs, { conversationId: 'c', create: true, text: 'one' });
	await said.promise;
	for await (const batch of runs.follow(runId, 0, new AbortController().signal)) {
		if (batch.some(({ type }) => type === 'text-delta')) break;
	}

	const { messages, runs: open_ } = (await runs.conversation('local', 'c'))!;
	expect(open_).toEqual([{ id: runId, status: 'running' }]);
	expect(textOf(messages[1]!)).toBe('so far');
	const rest = readAll(runs, runId, (messages[1] as { seq: number }).seq);
	await runs.stop(runId);
	expect((await rest).map(({ type }) => type)).toEqual(['text-end', 'run-end']);
});

test('unknown agents and models are refused', async () => {
	const runs = await open(says('x'));
	expect(await runs.start('local', { text: 'hi', agent: 'nobody' })).toEqual({
		refused: 'unknown-agent'
	});
	expect(await runs.start('local', { text: 'hi', model: 'nothing' })).toEqual({
		refused: 'unknown-model'
	});
});

test('what belongs to one owner does not exist for another', async () => {
	const runs = await open(says('mine'));
	const runId = await start(runs, { conversationId: 'c', create: true, text: 'hi' });
	await readAll(runs, runId);

	expect(await runs.find('somebody', runId)).toBeUndefined();
	expect(await runs.conversation('somebody', 'c')).toBeUndefined();
	expect(await runs.start('somebody', { conversationId: 'c', text: 'hi' })).toEqual({
		refused: 'unknown-conversation'
	});
});

test('a history that the asker keeps reaches the agent before the question, and is not stored', async () => {
	let asked: Question | undefined;
	const runs = await open((question) => {
		asked = question;
		return Promise.resolve({ reason: 'done', usage });
	});
	const earlier: Message = {
		id: 'earlier',
		role: 'user',
		createdAt: 1,
		parts: [{ type: 'text', id: 'text', seq: 0, text: 'My name is Ada.', closed: true }]
	};
	const ask = { conversationId: 'c', create: true, text: 'And yours?', history: [earlier] };
	await readAll(runs, await start(runs, { ...ask, instructions: 'Be brief.' }));

	expect(asked?.history.map(textOf)).toEqual(['My name is Ada.', 'And yours?']);
	expect(asked?.instructions).toBe('Be brief.');
	const stored = await runs.conversation('local', 'c');
	expect(stored?.messages.map(textOf)).toEqual(['And yours?', '']);
});

test('a shutdown ends runs as interrupted, takes no new ones, and lets followers go', async () => {
	const runs = await open((_question, _say, signal) => hang(signal));
	const runId = await start(runs, { text: 'hi' });
	const events = readAll(runs, runId);
	await runs.shutdown();

	expect((await events).at(-1)).toMatchObject({ type: 'run-error', code: 'interrupted' });
	expect(await runs.start('local', { text: 'hi' })).toEqual({ refused: 'shutting-down' });
});

async function open(answer: Answer): Promise<Runs> {
	const store = await openSqliteStore(':memory:');
	onTestFinished(() => store.close());
	const cast = { agents: ['assistant'], models: ['demo'], demo: true };
	return new Runs({ store, answer, cast, flushMs: 10 });
}

async function start(runs: Runs, ask: Ask): Promise<string> {
	const outcome = await runs.start('local', ask);
	if ('refused' in outcome) throw new Error(`refused: ${outcome.refused}`);
	return outcome.runId;
}

async function readAll(runs: Runs, runId: string, after = 0): Promise<Numbered[]> {
	const events: Numbered[] = [];
	for await (const batch of runs.follow(runId, after, new AbortController().signal)) {
		events.push(...batch);
	}
	return events;
}

function deltasOf(events: Numbered[]): string {
	return events.map((event) => (event.type === 'text-delta' ? event.delta : '')).join('');
}

function says(...deltas: string[]): Answer {
	return (_question, say) => {
		const utterances: Utterance[] = [
			{ type: 'text-start', partId: 't' },
			...deltas.map((delta): Utterance => ({ type: 'text-delta', partId: 't', delta })),
			{ type: 'text-end', partId: 't' }
		];
		for (const utterance of utterances) say(utterance);
		return Promise.resolve({ reason: 'done', usage });
	};
}

function hang(signal: AbortSignal): Promise<never> {
	return new Promise((_resolve, reject) => {
		signal.addEventListener('abort', () => {
			reject(new Error('aborted'));
		});
	});
}
