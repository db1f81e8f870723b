import { expect, onTestFinished, test, vi } from 'vitest';
import type { Numbered } from '#lib/protocol/events.ts';
import { fold } from '#lib/protocol/fold.ts';
import type { Message } from '#lib/protocol/messages.ts';
import type { Answer, Question } from '#lib/server/agents/answer.ts';
import { Quota } from '#lib/server/quota.ts';
import { openSqliteStore } from '#lib/server/store/sqlite/sqlite-store.ts';
import type { Store } from '#lib/server/store/store.ts';
import { Runs } from './runs.ts';

const used = { inputTokens: 1, outputTokens: 2, totalTokens: 3 };
const all = { inputTokens: 10, outputTokens: 20, totalTokens: 30 };

test('a run waits for a person, and goes on in the same log and message', async () => {
	const { runs, asked } = await open();
	const runId = await start(runs);
	const events = readAll(runs, runId);
	const approvalId = await approvalOf(runs, runId);

	expect(await runs.find('local', runId)).toMatchObject({ status: 'paused' });
	expect(await runs.answerApproval('local', runId, approvalId, { approved: true })).toEqual({
		...{ type: 'answered', callId: 'c1', seq: 8, open: 0 }
	});

	expect((await events).map(({ type }) => type)).toEqual([
		'run-start',
		'text-start',
		'text-end',
		'tool-start',
		'tool-input',
		'approval-request',
		'run-pause',
		'approval-response',
		'tool-end',
		'run-end'
	]);
	expect(await events).toEqual(await readAll(runs, runId));
	expect((await events).map(({ seq }) => seq)).toEqual((await events).map((_, at) => at + 1));
	expect((await events).at(-1)).toMatchObject({ reason: 'done', usage: all });
	expect(asked.map(({ resume }) => resume)).toEqual([
		undefined,
		{ state: 'as it was', decisions: [{ callId: 'c1', approved: true }] }
	]);
	expect(asked[1]).toMatchObject({ agent: 'assistant', model: 'demo', conversationId: 'c' });
	expect(asked[1]?.history).toMatchObject([{ role: 'user' }]);
});

test('the message is the same for whoever loads it, whenever', async () => {
	const { runs } = await open();
	const runId = await start(runs);
	const approvalId = await approvalOf(runs, runId);
	expect(await shown(runs)).toMatchObject({ status: 'paused', seq: 7 });
	await runs.answerApproval('local', runId, approvalId, { approved: false, reason: 'No.' });

	const messages: Message[] = [];
	for (const event of await readAll(runs, runId)) fold(messages, event);
	const { createdAt: _time, parentId: _parent, ...reply } = await shown(runs);
	expect(reply).toMatchObject({ status: 'done', parts: [{}, { state: 'denied', message: 'No.' }] });
	expect(reply).toEqual(JSON.parse(JSON.stringify(messages[0])));
});

test('a run that asks twice at once goes on after the last answer', async () => {
	const { runs, asked } = await open({ calls: ['c1', 'c2'] });
	const runId = await start(runs);
	const [one, two] = await approvalsOf(runs, runId);

	const first = await runs.answerApproval('local', runId, two!, { approved: false });
	expect(first).toMatchObject({ type: 'answered', callId: 'c2', open: 1 });
	expect(await shown(runs)).toMatchObject({ status: 'paused' });
	expect(asked).toHaveLength(1);

	await runs.answerApproval('local', runId, one!, { approved: true });
	await readAll(runs, runId);
	expect(new Set(asked[1]?.resume?.decisions)).toEqual(
		new Set([
			{ callId: 'c1', approved: true },
			{ callId: 'c2', approved: false }
		])
	);
});

test('of many answers one counts, and the run goes on once', async () => {
	const { runs, asked } = await open();
	const runId = await start(runs);
	const approvalId = await approvalOf(runs, runId);
	const answers = await Promise.all(
		Array.from({ length: 50 }, () =>
			runs.answerApproval('local', runId, approvalId, { approved: true })
		)
	);

	expect(answers.filter(({ type }) => type === 'answered')).toHaveLength(1);
	const code = 'approval-answered';
	const late = { type: 'refused', code, earlier: { approved: true, seq: 8 } };
	expect(answers.filter(({ type }) => type === 'refused')).toEqual(Array(49).fill(late));
	await readAll(runs, runId);
	expect(asked).toHaveLength(2);
});

test('an approval belongs to its run and its owner', async () => {
	const { runs } = await open();
	const runId = await start(runs);
	const approvalId = await approvalOf(runs, runId);
	const yes = { approved: true };

	const answer = (owner: string, run: string, id: string) =>
		runs.answerApproval(owner, run, id, yes);
	expect(await answer('somebody', runId, approvalId)).toMatchObject({ code: 'unknown-run' });
	expect(await answer('local', 'no-such-run', approvalId)).toMatchObject({ code: 'unknown-run' });
	expect(await answer('local', runId, 'other')).toMatchObject({ code: 'unknown-approval' });
	expect(await runs.find('local', runId)).toMatchObject({ status: 'paused', lastSeq: 7 });
});

test('a run that waits keeps its conversation busy, and can be stopped', async () => {
	const { runs } = await open();
	const runId = await start(runs);
	const events = readAll(runs, runId);
	const approvalId = await approvalOf(runs, runId);

	expect(await runs.start('local', { conversationId: 'c', text: 'more' })).toEqual({
		refused: 'conversation-busy'
	});
	await runs.stop(runId);
	await runs.stop(runId);

	expect((await events).at(-1)).toMatchObject({ type: 'run-end', reason: 'stopped', usage: used });
	expect(await shown(runs)).toMatchObject({ status: 'stopped', parts: [{}, { state: 'asking' }] });
	const late = await runs.answerApproval('local', runId, approvalId, { approved: true });
	expect(late).toEqual({ type: 'refused', code: 'approval-answered' });
	await approvalOf(runs, await start(runs));
});

test('whoever stops while others approve is heard, and no answer is half', async () => {
	const { runs } = await open({ hangs: true });
	for (let round = 0; round < 20; round++) {
		const runId = await start(runs, `c${String(round)}`);
		const approvalId = await approvalOf(runs, runId);
		const yes = () => runs.answerApproval('local', runId, approvalId, { approved: true });
		const work: (() => Promise<unknown>)[] = [yes, () => runs.stop(runId), yes];
		await Promise.all(work.slice(round % 2).map((one) => one()));

		const events = await readAll(runs, runId);
		expect(events.at(-1)).toMatchObject({ type: 'run-end', reason: 'stopped', usage: used });
		expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
	}
});

test('a stop that meets a run just as it is taken up again is heard', async () => {
	const { runs, store } = await open({ hangs: true });
	const runId = await start(runs);
	const approvalId = await approvalOf(runs, runId);
	const taken = Promise.withResolvers<undefined>();
	const gate = Promise.withResolvers<undefined>();
	const resumeRun = store.resumeRun.bind(store);
	vi.spyOn(store, 'resumeRun').mockImplementation(async (id, epoch) => {
		const record = await resumeRun(id, epoch);
		taken.resolve(undefined);
		await gate.promise;
		return record;
	});

	const answered = runs.answerApproval('local', runId, approvalId, { approved: true });
	await taken.promise;
	const stopped = runs.stop(runId);
	await new Promise((resolve) => setTimeout(resolve, 50));
	gate.resolve(undefined);
	await Promise.all([answered, stopped]);
	expect((await readAll(runs, runId)).at(-1)).toMatchObject({ reason: 'stopped' });
});

test('a stop that meets a pause on its way to the disk ends the run', async () => {
	const { runs, store, pausing } = await open();
	const runId = await start(runs);
	await pausing;
	const append = vi.spyOn(store, 'append');
	await runs.stop(runId);

	const events = await readAll(runs, runId);
	expect(events.at(-1)).toMatchObject({ type: 'run-end', reason: 'stopped' });
	expect(await runs.find('local', runId)).toMatchObject({ status: 'stopped' });
	expect(append).toHaveBeenCalled();
});

test('an approval outlives its process, as often as that dies', async () => {
	const { runs, store, asked } = await open();
	const runId = await start(runs);
	const approvalId = await approvalOf(runs, runId);
	let heir = runs;
	for (let life = 0; life < 3; life++) {
		heir = another(store, asked);
		await heir.recover();
		expect(await heir.find('local', runId)).toMatchObject({ status: 'paused', lastSeq: 7 });
	}

	const events = readAll(heir, runId);
	await heir.answerApproval('local', runId, approvalId, { approved: true });
	expect((await events).at(-1)).toMatchObject({ type: 'run-end', reason: 'done', usage: all });
	expect(asked).toHaveLength(2);
});

test('a process that dies between the last answer and going on leaves that to the next', async () => {
	const { runs, store, asked } = await open();
	const runId = await start(runs);
	const approvalId = await approvalOf(runs, runId);
	await store.answerApproval({ runId, approvalId, approved: true });

	const heir = another(store, asked);
	await Promise.all([heir.recover(), runs.recover()]);
	const events = await readAll(heir, runId);
	expect(events.at(-1)).toMatchObject({ type: 'run-end', reason: 'done' });
	expect(asked).toHaveLength(2);
});

test('a process that dies after it went on leaves a run that is never gone on with again', async () => {
	const { runs, store, asked } = await open();
	const runId = await start(runs);
	const approvalId = await approvalOf(runs, runId);
	await store.answerApproval({ runId, approvalId, approved: true });
	await store.resumeRun(runId, 2);

	const heir = another(store, asked);
	await heir.recover();
	expect((await readAll(heir, runId)).at(-1)).toMatchObject({ code: 'interrupted' });
	expect(await shown(heir)).toMatchObject({ parts: [{}, { state: 'running' }] });
	expect(asked).toHaveLength(1);
});

test('a shutdown lets a pause stand that is on its way to the disk, and takes no answers', async () => {
	const { runs, store, asked, pausing } = await open();
	const runId = await start(runs);
	await pausing;
	const close = vi.spyOn(store, 'close').mockResolvedValue(undefined);
	await runs.shutdown();
	close.mockRestore();

	const [approval] = (await store.pause(runId))!.approvals;
	const yes = { approved: true };
	expect(await runs.answerApproval('local', runId, approval!.id, yes)).toMatchObject({
		code: 'shutting-down'
	});
	const heir = another(store, asked);
	await heir.recover();
	expect(await heir.answerApproval('local', runId, approval!.id, yes)).toMatchObject({ open: 0 });
	expect((await readAll(heir, runId)).at(-1)).toMatchObject({ type: 'run-end' });
});

test('a run that waits takes nobody’s place, and goes on though none is left', async () => {
	const quota = new Quota({ each: 1, all: 1 });
	const { runs } = await open({ hangs: true, quota });
	const runId = await start(runs, 'one');
	const approvalId = await approvalOf(runs, runId);
	const second = await start(runs, 'two');
	await approvalOf(runs, second);

	await runs.answerApproval('local', runId, approvalId, { approved: true });
	expect(await runs.start('local', { text: 'hi' })).toEqual({ refused: 'too-many-runs' });
	await runs.stop(runId);
	await readAll(runs, runId);
	await approvalOf(runs, await start(runs, 'three'));
});

interface Scene {
	/** How many may be under way. */
	quota?: Quota;
	/** The calls that need an approval. */
	calls?: string[];
	/** What goes on after the answer does not end by itself. */
	hangs?: boolean;
}

async function open({ calls = ['c1'], hangs = false, quota }: Scene = {}) {
	const store = await openSqliteStore(':memory:');
	onTestFinished(() => store.close());
	const asked: Question[] = [];
	const paused = Promise.withResolvers<undefined>();
	const answer: Answer = async (question, say, signal) => {
		asked.push(question);
		if (question.resume) {
			for (const { callId, approved, reason } of question.resume.decisions) {
				if (!approved)
					say({ type: 'tool-denied', callId, name: 'delete', ...(reason && { reason }) });
				else say({ type: 'tool-end', callId, name: 'delete', output: 'gone', durationMs: 1 });
			}
			if (hangs)
				await new Promise((resolve) => {
					signal.addEventListener('abort', resolve);
				});
			return { reason: 'done', usage: all };
		}
		say({ type: 'text-start', partId: 't' });
		say({ type: 'text-end', partId: 't' });
		for (const callId of calls) {
			say({ type: 'tool-start', callId, name: 'delete' });
			say({ type: 'tool-input', callId, name: 'delete', input: { path: 'a' } });
		}
		queueMicrotask(() => {
			paused.resolve(undefined);
		});
		const approvals = calls.map((callId) => ({ id: crypto.randomUUID(), callId }));
		return { reason: 'paused', usage: used, state: 'as it was', approvals };
	};
	const runs = new Runs({ store, answer, cast, flushMs: 10, ...(quota && { quota }) });
	answers.set(asked, answer);
	return { runs, store, asked, pausing: paused.promise };
}

const cast = { agents: ['assistant'], models: ['demo'], demo: true };
const answers = new WeakMap<Question[], Answer>();

/** What another process would be, on the same store. */
function another(store: Store, asked: Question[]): Runs {
	return new Runs({ store, answer: answers.get(asked)!, cast, flushMs: 10 });
}

async function start(runs: Runs, conversationId = 'c'): Promise<string> {
	const outcome = await runs.start('local', { conversationId, create: true, text: 'hi' });
	if ('refused' in outcome) throw new Error(`refused: ${outcome.refused}`);
	return outcome.runId;
}

async function approvalsOf(runs: Runs, runId: string): Promise<string[]> {
	const ids: string[] = [];
	for await (const batch of runs.follow(runId, 0, new AbortController().signal)) {
		for (const event of batch) {
			if (event.type === 'approval-request') ids.push(event.approvalId);
			if (event.type === 'run-pause') return ids;
		}
	}
	throw new Error('the run did not pause');
}

async function approvalOf(runs: Runs, runId: string): Promise<string> {
	return (await approvalsOf(runs, runId))[0]!;
}

async function readAll(runs: Runs, runId: string): Promise<Numbered[]> {
	const events: Numbered[] = [];
	for await (const batch of runs.follow(runId, 0, new AbortController().signal)) {
		events.push(...batch);
	}
	return events;
}

async function shown(runs: Runs) {
	return (await runs.conversation('local', 'c'))!.messages[1]!;
}
