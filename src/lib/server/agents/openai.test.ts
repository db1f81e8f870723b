import { afterEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { parseConfig } from '#lib/server/config.ts';
import {
	startUpstream,
	type Reply,
	type Script,
	type Upstream
} from '../../../../tests/upstream/upstream.ts';
import { createAgents } from './agents.ts';
import { ask, question } from './collect.ts';
import { answerWith, openAiModel, type AgentDraft } from './openai.ts';
import { makeTool, ToolFailure } from './tools/make-tool.ts';

let upstream: Upstream;
afterEach(() => upstream.stop());

describe.each(['responses', 'chat_completions'] as const)('an agent on %s', (api) => {
	async function start(reply: Reply | Script, env: Record<string, string> = {}) {
		upstream = await startUpstream({ reply });
		const config = { OPENAI_API: api, OPENAI_BASE_URL: upstream.url, OPENAI_API_KEY: 'sk-test' };
		return createAgents(parseConfig({ ...config, ...env }));
	}

	async function startWith(drafts: AgentDraft[], reply: Reply | Script) {
		upstream = await startUpstream({ reply });
		const baseUrl = upstream.url;
		return answerWith({
			agents: new Map(drafts.map((draft) => [draft.name, draft])),
			model: (model) => openAiModel({ api, baseUrl, key: 'sk-test', model }),
			idleMs: 20_000,
			source: { host: 'model.test', maxTurns: 4 }
		});
	}

	/** What the model was given in its nth request, in the words of its API. */
	const given = (index: number) => {
		const body = upstream.requests[index]?.body;
		return JSON.stringify(api === 'responses' ? body?.input : body?.messages);
	};

	test('says a text as it comes, within a turn, with its usage', async () => {
		const answer = await start({ steps: [{ text: ['Good ', 'morning', '.'] }] });

		const deltas: string[] = [];
		const { said, outcome } = await ask(answer, 'Hi', {
			onsay: (utterance) => {
				if (utterance.type === 'text-delta') deltas.push(utterance.delta);
			}
		});

		expect(deltas).toEqual(['Good ', 'morning', '.']);
		const usage = outcome?.usage;
		expect(said).toEqual([
			{ type: 'turn-start', turn: 1 },
			{ type: 'text-start', partId: '1.1' },
			{ type: 'text-delta', partId: '1.1', delta: 'Good morning.' },
			{ type: 'text-end', partId: '1.1' },
			{ type: 'turn-end', turn: 1, usage }
		]);
		expect(outcome?.reason).toBe('done');
		expect(usage?.outputTokens).toBe(3);
	});

	test('asks for the model that was named, with the key, and with no settings nobody asked for', async () => {
		const answer = await start({ steps: [{ text: 'Hello.' }] });

		await ask(answer, question('Hi', { model: 'gpt-5.1' }));

		// one that the SDK has settings of its own for
		const [request] = upstream.requests;
		expect(request?.headers.authorization).toBe('Bearer sk-test');
		expect(request?.body).toMatchObject({ model: 'gpt-5.1', stream: true });
		expect(request?.body.reasoning ?? request?.body.reasoning_effort).toBeUndefined();
		expect(request?.body.text ?? request?.body.verbosity).toBeUndefined();
	});

	test('sends no key where none is configured', async () => {
		const answer = await start({ steps: [{ text: 'Hello.' }] }, { OPENAI_API_KEY: '' });

		const { text } = await ask(answer, 'Hi');

		expect(text).toBe('Hello.');
		expect(upstream.requests[0]?.headers.authorization).toBeUndefined();
	});

	test('reasons, calls tools side by side, and answers with what they found', async () => {
		const answer = await start((_body, number) =>
			number === 0
				? {
						steps: [
							{ reasoning: 'Two tools will do.' },
							{ text: 'Let me see.' },
							{ call: { id: 'call_a', name: 'calculate', args: { expression: '12*7+1' } } },
							{ call: { id: 'call_b', name: 'current_time', args: { time_zone: 'UTC' } } }
						]
					}
				: { steps: [{ text: 'It is 85.' }] }
		);

		const { said, outcome } = await ask(answer, 'What is 12*7+1, and what time is it?');

		const types = said.map((utterance) => utterance.type);
		expect(types.slice(0, 15)).toEqual([
			'turn-start',
			'reasoning-start',
			'reasoning-delta',
			'reasoning-end',
			'text-start',
			'text-delta',
			'text-end',
			'tool-start',
			'tool-input-delta',
			'tool-start',
			'tool-input-delta',
			'tool-input',
			'tool-input',
			'turn-end',
			'tool-end'
		]);
		expect(said).toContainEqual({
			type: 'tool-input',
			callId: 'call_a',
			name: 'calculate',
			input: { expression: '12*7+1' }
		});
		expect(said).toContainEqual({
			type: 'tool-end',
			callId: 'call_a',
			name: 'calculate',
			output: { expression: '12*7+1', result: 85 },
			durationMs: expect.any(Number) as number
		});
		expect(given(1)).toContain('85');
		expect(outcome?.usage.outputTokens).toBe(
			said.reduce(
				(sum, event) => sum + ((event.type === 'turn-end' && event.usage?.outputTokens) || 0),
				0
			)
		);
	});

	test('tells when each tool ends, not when all have', async () => {
		const release = Promise.withResolvers<undefined>();
		const tools = [
			makeTool({
				name: 'slow',
				description: 'Waits.',
				parameters: z.object({}),
				execute: async () => {
					await release.promise;
					return 'slow is done';
				}
			}),
			makeTool({
				name: 'quick',
				description: 'Does not wait.',
				parameters: z.object({}),
				execute: () => ({ quick: true })
			})
		];
		const calls: Reply = {
			steps: [{ call: { name: 'slow', args: {} } }, { call: { name: 'quick', args: {} } }]
		};
		const answer = await startWith(
			[{ name: 'assistant', instructions: '', tools }],
			(_body, number) => (number === 0 ? calls : { steps: [{ text: 'Done.' }] })
		);

		const ended: unknown[] = [];
		await ask(answer, 'Go', {
			onsay: (utterance) => {
				if (utterance.type !== 'tool-end') return;
				ended.push(utterance.output);
				if (utterance.name === 'quick') release.resolve(undefined);
			}
		});

		expect(ended).toEqual([{ quick: true }, 'slow is done']);
	});

	test('tells how a tool failed in a sentence, and goes on', async () => {
		const console = vi.spyOn(globalThis.console, 'error').mockImplementation(() => undefined);
		const failing = (name: string, execute: () => unknown, timeoutMs?: number) =>
			makeTool({ name, description: name, parameters: z.object({}), execute, timeoutMs });
		const tools = [
			failing('told', () => {
				throw new ToolFailure('The shop is closed.');
			}),
			failing('untold', () => {
				throw new Error('secret stack');
			}),
			failing('late', () => new Promise(() => undefined), 50),
			makeTool({
				name: 'picky',
				description: 'Wants a number.',
				parameters: z.object({ number: z.number() }),
				execute: () => 'never'
			})
		];
		const names = ['told', 'untold', 'late', 'picky', 'absent'];
		const answer = await startWith(
			[{ name: 'assistant', instructions: '', tools }],
			(_body, number) => ({
				steps:
					number === 0 ? names.map((name) => ({ call: { name, args: {} } })) : [{ text: 'Well.' }]
			})
		);

		const { said, text } = await ask(answer, 'Go');

		const errors = said.flatMap((event) =>
			event.type === 'tool-error' ? [[event.name, event.message]] : []
		);
		expect(Object.fromEntries(errors)).toEqual({
			told: 'The shop is closed.',
			untold: 'It failed. The server’s log says why.',
			late: 'It took longer than 0.05 s and was ended.',
			picky: 'The model called picky with arguments that it does not take.',
			absent: 'There is no tool called “absent”.'
		});
		expect(said.filter((event) => event.type === 'tool-end')).toEqual([]);
		expect(text).toBe('Well.');
		expect(given(1)).toContain('The shop is closed.');
		expect(given(1)).not.toContain('secret stack');
		expect(console).toHaveBeenCalledTimes(1);
		console.mockRestore();
	});

	test('says arguments that are no JSON as they are', async () => {
		const answer = await start((_body, number) => ({
			steps:
				number === 0
					? [{ call: { id: 'call_a', name: 'calculate', args: '{"expression": ' } }]
					: [{ text: 'Well.' }]
		}));

		const { said } = await ask(answer, 'Go');

		expect(said).toContainEqual({
			type: 'tool-input',
			callId: 'call_a',
			name: 'calculate',
			input: '{"expression": '
		});
		expect(said.find((event) => event.type === 'tool-error')).toMatchObject({ callId: 'call_a' });
	});

	test('gives calls ids of their own where the server repeats them', async () => {
		const answer = await start((_body, number) => ({
			steps:
				number < 2
					? [
							{
								call: {
									id: 'call_0',
									name: 'calculate',
									args: { expression: `1+${String(number)}` }
								}
							}
						]
					: [{ text: 'Done.' }]
		}));

		const { said } = await ask(answer, 'Go');

		const ends = said.flatMap((event) =>
			event.type === 'tool-end' ? [[event.callId, event.output]] : []
		);
		expect(ends).toEqual([
			['call_0', { expression: '1+0', result: 1 }],
			['call.2.1', { expression: '1+1', result: 2 }]
		]);
	});

	test('hands over to another agent without showing a tool', async () => {
		const drafts: AgentDraft[] = [
			{ name: 'assistant', instructions: 'First.', tools: [], handoffs: ['baker'] },
			{ name: 'baker', instructions: 'You bake.', tools: [] }
		];
		const answer = await startWith(drafts, (_body, number) => ({
			steps:
				number === 0
					? [{ call: { name: 'transfer_to_baker', args: {} } }]
					: [{ text: 'Bread it is.' }]
		}));

		const { said, text } = await ask(answer, 'Bread?');

		expect(said.map((event) => event.type).filter((type) => type.startsWith('tool'))).toEqual([]);
		expect(said).toContainEqual({ type: 'agent-switch', from: 'assistant', to: 'baker' });
		expect(text).toBe('Bread it is.');
	});

	test('names what the answer rests on, once each', async () => {
		const page = { url: 'https://example.org/', title: 'Example' };
		const script = { url: 'javascript:alert(1)', title: 'No page' };
		const answer = await start({ steps: [{ text: 'See there.', sources: [page, page, script] }] });

		const { said } = await ask(answer, 'Where?');

		const sources = said.filter((event) => event.type === 'source');
		expect(sources).toEqual([{ type: 'source', partId: '1.2', ...page }]);
	});

	test('says a refusal as text', async () => {
		const answer = await start({ steps: [{ refusal: 'I will not do that.' }] });

		const { text, outcome, failure } = await ask(answer, 'Do it');

		expect(failure).toBeUndefined();
		expect(text).toBe('I will not do that.');
		expect(outcome?.reason).toBe('done');
	});

	test('keeps the text of an answer that grew too long, and says that it is a limit', async () => {
		const answer = await start({ steps: [{ text: 'As far as' }], end: 'length' });

		const { text, outcome } = await ask(answer, 'Go on');

		expect(text).toBe('As far as');
		expect(outcome?.reason).toBe('limit');
		expect(outcome?.usage.outputTokens).toBeGreaterThan(0);
	});

	test('ends after so many turns', async () => {
		const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
		const call = { call: { name: 'calculate', args: { expression: '1+1' } } };
		const answer = await start({ steps: [call] }, { MAX_TURNS: '3' });

		const { failure, said } = await ask(answer, 'Go');

		expect(failure?.code).toBe('too-many-turns');
		expect(failure?.message).toContain('3 turns');
		expect(said.filter((event) => event.type === 'turn-start')).toHaveLength(3);
		error.mockRestore();
	});

	test('is understood alike however its bytes are cut', async () => {
		const reply: Reply = {
			steps: [
				{ reasoning: 'Größe 🌍' },
				{ text: 'Grüße, 世界 🌍\r\n\r\ndata: {"type":"done"}\n\nid: 9' },
				{ call: { id: 'call_a', name: 'calculate', args: { expression: '1+1' } } }
			]
		};
		const sizes = [undefined, 1, 2, 3, 5, 7, 64, 1000];
		const answer = await start((_body, number) =>
			number % 2 === 0 ? { ...reply, pieces: sizes[number / 2] } : { steps: [{ text: 'So.' }] }
		);

		const tellings = [];
		for (const _size of sizes) {
			const { said } = await ask(answer, 'Hi');
			tellings.push(
				JSON.stringify(said).replace(/"(durationMs|inputTokens|totalTokens)":\d+/g, '')
			);
		}

		expect(tellings[0]).toContain('世界');
		expect(new Set(tellings).size).toBe(1);
	});

	test('stops at once: the model server is hung up on, and tools are not waited for', async () => {
		const tools = [
			makeTool({
				name: 'deaf',
				description: 'Heeds no signal.',
				parameters: z.object({}),
				execute: () => new Promise(() => undefined)
			})
		];
		const answer = await startWith(
			[{ name: 'assistant', instructions: '', tools }],
			(_body, number) =>
				number === 0
					? { steps: [{ text: ['a', 'b', 'c'] }], fault: { type: 'hang', after: 2 } }
					: { steps: [{ call: { name: 'deaf', args: {} } }] }
		);

		for (const when of ['text-delta', 'turn-end'] as const) {
			const stop = new AbortController();
			const { failure } = await ask(answer, 'Hi', {
				signal: stop.signal,
				onsay: ({ type }) => {
					if (type === when) stop.abort();
				}
			});
			expect(failure).toBeUndefined();
		}

		await upstream.requests[0]?.closed;
		expect(upstream.requests[0]?.closedEarly).toBe(true);
	});
});
