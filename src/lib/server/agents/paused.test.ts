import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startUpstream, type Reply, type Upstream } from '../../../../tests/upstream/upstream.ts';
import type { Decision, Paused } from './answer.ts';
import { ask, question, type Collected } from './collect.ts';
import { DemoModel } from './demo/demo-model.ts';
import { answerWith, openAiModel, ownModel, type AgentDraft } from './openai.ts';
import { calculate } from './tools/calculate.ts';
import { makeTool } from './tools/make-tool.ts';
import { saveNote } from './tools/save-note.ts';

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'runnel-paused-'));
});

afterEach(() => {
	rmSync(folder, { recursive: true });
});

describe('the demo', () => {
	const demo = () =>
		answerWith({
			agents: new Map([
				['assistant', { name: 'assistant', instructions: '', tools: [calculate, saveNote(folder)] }]
			]),
			model: () => ownModel(() => new DemoModel({ tokensPerSecond: Infinity })),
			idleMs: 20_000,
			source: { host: 'demo', maxTurns: 5 }
		});

	test('asks before it saves a note, and saves it when it is allowed', async () => {
		const first = await ask(demo(), 'Save a note: buy milk');
		const { approvals } = paused(first);

		expect(first.said.at(-1)).toMatchObject({ type: 'turn-end' });
		expect(readdirSync(folder)).toEqual([]);
		const { callId } = find(first, 'tool-input');
		expect(approvals).toEqual([{ id: expect.any(String) as string, callId }]);

		const { said, text, outcome } = await goOn(first, { approved: true });
		expect(said.map(({ type }) => type)).toEqual([
			'tool-diff',
			'tool-end',
			'turn-start',
			'text-start',
			'text-delta',
			'text-end',
			'turn-end'
		]);
		expect(said).toMatchObject([
			{ callId, path: 'notes/buy-milk.md', added: 3, removed: 0 },
			{ callId, name: 'save_note', output: { saved: 'notes/buy-milk.md' } },
			{ turn: 2 },
			{},
			{},
			{},
			{ turn: 2 }
		]);
		expect(text).toContain('notes/buy-milk.md');
		expect(readFileSync(join(folder, 'buy-milk.md'), 'utf8')).toContain('buy milk');
		expect(outcome?.reason).toBe('done');
		const before = first.outcome!.usage.outputTokens;
		const turn = find({ said } as Collected, 'turn-end').usage!.outputTokens;
		expect(outcome?.usage.outputTokens).toBe(before + turn);
	});

	test('says that a call was denied, tells the model why, and goes on', async () => {
		const first = await ask(demo(), 'Save a note: buy milk');
		const { callId } = find(first, 'tool-input');

		const { said, text } = await goOn(first, { approved: false, reason: 'I have enough.' });
		expect(said[0]).toEqual({
			...{ type: 'tool-denied', callId, name: 'save_note' },
			reason: 'I have enough.'
		});
		expect(said.map(({ type }) => type)).not.toContain('tool-end');
		expect(said.map(({ type }) => type)).not.toContain('tool-error');
		expect(text).toContain('not saved');
		expect(text).toContain('I have enough.');
		expect(readdirSync(folder)).toEqual([]);
	});

	test('asks for two calls at once, and each is decided for itself', async () => {
		const first = await ask(demo(), 'Save a note: one. Save a note: two.');
		const [one, two] = paused(first).approvals;
		expect(one!.callId).not.toBe(two!.callId);

		const { said, text } = await resume(first, [
			{ callId: two!.callId, approved: true },
			{ callId: one!.callId, approved: false }
		]);
		expect(said.filter(({ type }) => type.startsWith('tool'))).toMatchObject([
			{ type: 'tool-denied', callId: one!.callId },
			{ type: 'tool-diff', callId: two!.callId },
			{ type: 'tool-end', callId: two!.callId }
		]);
		expect(readdirSync(folder)).toEqual(['two.md']);
		expect(text).toContain('notes/two.md');
	});

	test('runs a harmless tool beside it at once, and once', async () => {
		const first = await ask(demo(), 'What is 2+3? Save a note: five');
		const sum = { name: 'calculate', output: { result: 5 } };

		expect(paused(first).approvals).toHaveLength(1);
		expect(first.said.at(-1)).toMatchObject({ type: 'tool-end', ...sum });
		const { said, text } = await goOn(first, { approved: true });
		expect(said.filter(({ type }) => type === 'tool-end')).toMatchObject([{ name: 'save_note' }]);
		expect(text).toContain('**5**');
		expect(readdirSync(folder)).toEqual(['five.md']);
	});

	async function goOn(first: Collected, decision: Omit<Decision, 'callId'>) {
		const [approval] = paused(first).approvals;
		return resume(first, [{ callId: approval!.callId, ...decision }]);
	}

	function resume(first: Collected, decisions: Decision[]) {
		const { state } = paused(first);
		return ask(demo(), question('', { history: [], resume: { state, decisions } }));
	}
});

describe.each(['responses', 'chat_completions'] as const)('an agent on %s', (api) => {
	let upstream: Upstream;
	let shouted: string[];
	afterEach(() => upstream.stop());

	const shout = () =>
		makeTool({
			name: 'shout',
			description: 'Shouts.',
			parameters: z.object({ word: z.string() }),
			needsApproval: true,
			execute: ({ word }) => {
				shouted.push(word);
				return word.toUpperCase();
			}
		});

	async function start(replies: Reply[], drafts?: AgentDraft[]) {
		shouted = [];
		upstream = await startUpstream({ reply: (_body, number) => replies[number]! });
		const baseUrl = upstream.url;
		const agents = drafts ?? [{ name: 'assistant', instructions: '', tools: [shout()] }];
		// made anew for each answer, as another process would
		return () =>
			answerWith({
				agents: new Map(agents.map((draft) => [draft.name, draft])),
				model: (model) => openAiModel({ api, baseUrl, key: 'sk-canary-5f1', model }),
				idleMs: 20_000,
				source: { host: 'model.test', maxTurns: 4 }
			});
	}

	const call = (word: string, id = 'call_0') => ({ call: { id, name: 'shout', args: { word } } });

	test('pauses as often as it must, with ids and turns that never repeat', async () => {
		const answer = await start([
			{ steps: [{ text: 'One.' }, call('a')] },
			{ steps: [call('b')] },
			{ steps: [{ text: 'Done.' }] }
		]);
		const first = await ask(answer(), 'Go');
		const second = await ask(answer(), goOn(first, true));
		const third = await ask(answer(), goOn(second, true));

		expect(shouted).toEqual(['a', 'b']);
		const said = [first, second, third].flatMap((one) => one.said);
		const turns = said.flatMap((event) => (event.type === 'turn-start' ? [event.turn] : []));
		expect(turns).toEqual([1, 2, 3]);
		const calls = said.flatMap((event) => (event.type === 'tool-start' ? [event.callId] : []));
		expect(calls).toEqual(['call_0', 'call.2.1']);
		const parts = said.flatMap((event) => (event.type === 'text-start' ? [event.partId] : []));
		expect(parts).toEqual(['1.1', '3.1']);
		const ids = [first, second].flatMap((one) => paused(one).approvals.map(({ id }) => id));
		expect(new Set(ids).size).toBe(2);
		const used = said.flatMap((event) => (event.type === 'turn-end' ? [event.usage!] : []));
		expect(third.outcome?.usage.totalTokens).toBe(
			used.reduce((sum, usage) => sum + usage.totalTokens, 0)
		);
		expect(given(2)).toContain('"A"');
	});

	test('keeps no secret in what it leaves, and the asker’s own instructions', async () => {
		const answer = await start([{ steps: [call('a')] }, { steps: [{ text: 'Done.' }] }]);
		const first = await ask(answer(), question('Go', { instructions: 'Rhyme.' }));
		expect(paused(first).state).not.toContain('canary');

		await ask(answer(), goOn(first, true));
		expect(JSON.stringify(upstream.requests[1]?.body)).toContain('Rhyme.');
	});

	test('tells of a call beside it that no tool took', async () => {
		const answer = await start([
			{ steps: [call('a'), { call: { id: 'call_x', name: 'absent', args: {} } }] },
			{ steps: [{ text: 'Done.' }] }
		]);
		const first = await ask(answer(), 'Go');
		const second = await ask(answer(), goOn(first, false));

		const said = [...first.said, ...second.said];
		expect(said.filter((event) => event.type === 'tool-error')).toMatchObject([
			{ callId: 'call_x', message: 'There is no tool called “absent”.' }
		]);
		expect(shouted).toEqual([]);
	});

	test('goes on as the agent that it was handed to', async () => {
		const drafts: AgentDraft[] = [
			{ name: 'assistant', instructions: 'First.', tools: [], handoffs: ['crier'] },
			{ name: 'crier', instructions: 'You shout.', tools: [shout()] }
		];
		const answer = await start(
			[
				{ steps: [{ call: { name: 'transfer_to_crier', args: {} } }] },
				{ steps: [call('hey')] },
				{ steps: [{ text: 'Done.' }] }
			],
			drafts
		);
		const first = await ask(answer(), 'Go');
		const { text } = await ask(answer(), goOn(first, true));

		expect(text).toBe('Done.');
		expect(shouted).toEqual(['hey']);
		expect(JSON.stringify(upstream.requests[2]?.body)).toContain('You shout.');
	});

	function goOn(first: Collected, approved: boolean) {
		const { state, approvals } = paused(first);
		const decisions = approvals.map(({ callId }) => ({ callId, approved }));
		return question('', { history: [], resume: { state, decisions } });
	}

	function given(index: number): string {
		const body = upstream.requests[index]?.body;
		return JSON.stringify(api === 'responses' ? body?.input : body?.messages);
	}
});

function paused({ outcome }: Collected): Paused {
	if (outcome?.reason !== 'paused') throw new Error('it did not pause');
	return outcome;
}

function find<T extends Collected['said'][number]['type']>({ said }: Collected, type: T) {
	const found = said.find((event) => event.type === type);
	return found as Extract<Collected['said'][number], { type: T }>;
}
