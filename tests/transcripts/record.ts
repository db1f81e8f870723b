/**
 * Records the transcripts that agents can make today, from real runs against the fake of the OpenAI
 * API: `node tests/transcripts/record.ts`. The others in this folder are written by hand.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Numbered } from '#lib/protocol/events.ts';
import { DemoModel } from '#lib/server/agents/demo/demo-model.ts';
import { answerWith, openAiModel, ownModel, type AgentDraft } from '#lib/server/agents/openai.ts';
import { makeTool, ToolFailure } from '#lib/server/agents/tools/make-tool.ts';
import { calculate } from '#lib/server/agents/tools/calculate.ts';
import { currentTime } from '#lib/server/agents/tools/current-time.ts';
import { Runs } from '#lib/server/runs/runs.ts';
import { openSqliteStore } from '#lib/server/store/sqlite/sqlite-store.ts';
import { startUpstream, type Reply } from '../upstream/upstream.ts';
import { refusals } from '../upstream/faults.ts';

const city = z.object({ city: z.string() });

const weather = (name: string, ms: number) =>
	makeTool({
		name,
		description: 'Tells the weather.',
		parameters: city,
		execute: async ({ city }) => {
			await sleep(ms);
			return { city, sky: 'clear 🌤', celsius: 21 };
		}
	});

const broken = makeTool({
	name: 'read_page',
	description: 'Reads a page.',
	parameters: z.object({ url: z.string() }),
	execute: () => {
		throw new ToolFailure('The page cannot be reached.');
	}
});

const agents: AgentDraft[] = [
	{
		name: 'assistant',
		instructions: 'Answer.',
		tools: [
			weather('weather_slow', 80),
			weather('weather_fast', 5),
			broken,
			calculate,
			currentTime
		],
		handoffs: ['translator']
	},
	{ name: 'translator', instructions: 'Translate.', tools: [] }
];

interface Scene {
	name: string;
	/** What the model says, one reply a call; without any the demo model answers. */
	replies: Reply[];
	question?: string;
	/** Stops the run when this is true of an event. */
	stopAt?: (event: Numbered) => boolean;
}

const HOSTILE = [
	'Two lines\nand a blank one:\n\n',
	'CR\rCRLF\r\nend. ',
	'Waves \ud83c',
	'\udf0a, a family 👨‍👩‍👧, ',
	'half a pair \ud800 and a NUL \0. ',
	'\n\ndata: {"type":"done"}\n\nevent: done\nid: 999\n\n',
	': comment\ndata: [DONE]\n\n',
	'  two spaces first, Größe, 東京, שלום'
];

const scenes: Scene[] = [
	{ name: 'text', replies: [{ steps: [{ text: HOSTILE }], rate: 15 }] },
	{
		name: 'reasoning',
		replies: [
			{
				steps: [
					{ reasoning: 'The person asks for a sum.\n\nI add the numbers.' },
					{
						text: 'It is **4**.',
						sources: [{ url: 'https://example.com/sums', title: 'On sums' }]
					}
				],
				rate: 200
			}
		]
	},
	{
		name: 'tools-parallel',
		replies: [
			{
				steps: [
					{ text: 'I look. ' },
					{ call: { id: 'call_1', name: 'weather_slow', args: { city: 'Oslo' } } },
					{ call: { id: 'call_2', name: 'weather_fast', args: { city: 'Łódź' } } }
				]
			},
			{ steps: [{ text: 'Clear in both.' }] }
		]
	},
	{
		name: 'tool-failed',
		replies: [
			{
				steps: [
					{ call: { id: 'call_1', name: 'read_page', args: { url: 'https://example.invalid' } } }
				]
			},
			{ steps: [{ text: 'I could not read it.' }] }
		]
	},
	{
		name: 'hand-off',
		replies: [
			{ steps: [{ text: 'I hand over.' }, { call: { name: 'transfer_to_translator', args: {} } }] },
			{ steps: [{ text: 'Guten Tag.' }] }
		]
	},
	{
		name: 'stopped',
		replies: [
			{
				steps: [{ text: 'one two three four five six' }],
				fault: { type: 'hang', after: 4 },
				rate: 50
			}
		],
		stopAt: (event) => event.type === 'text-delta'
	},
	{ name: 'limit', replies: [{ steps: [{ text: 'As long as it may be' }], end: 'length' }] },
	{ name: 'error-before-text', replies: [{ steps: [], fault: refusals.badKey() }] },
	{
		name: 'error-after-text',
		replies: [
			{ steps: [{ text: 'This much was said before' }], fault: { type: 'cut', after: 3 }, rate: 50 }
		]
	},
	{ name: 'nothing-said', replies: [{ steps: [{ text: [''] }] }] },
	{ name: 'demo', replies: [], question: 'What is 12*7+1, and what time is it in Tokyo?' }
];

for (const scene of scenes) {
	const events = await record(scene);
	const lines = events.map((event) => `${JSON.stringify(event)}\n`);
	writeFileSync(join(import.meta.dirname, `${scene.name}.jsonl`), lines.join(''));
	console.log(
		`${scene.name}: ${String(events.length)} events, ends with ${events.at(-1)?.type ?? '?'}`
	);
}

async function record({ name, replies, question = 'Hello', stopAt }: Scene): Promise<Numbered[]> {
	const upstream = await startUpstream({
		reply: (_body, number) => replies[Math.min(number, replies.length - 1)] ?? { steps: [] }
	});
	const demo = replies.length === 0;
	const model = demo ? 'demo' : 'gpt-test';
	const store = await openSqliteStore(':memory:');
	const answer = answerWith({
		agents: new Map(agents.map((agent) => [agent.name, agent])),
		model: () =>
			demo
				? ownModel(() => new DemoModel())
				: openAiModel({ api: 'responses', baseUrl: upstream.url, key: 'sk-test', model }),
		idleMs: 20_000,
		source: { host: 'model.test', maxTurns: 4 }
	});
	const runs = new Runs({
		store,
		answer,
		cast: { agents: agents.map((agent) => agent.name), models: [model], demo },
		flushMs: 10
	});

	const started = await runs.start('local', { text: question });
	if ('refused' in started) throw new Error(started.refused);
	const events: Numbered[] = [];
	for await (const batch of runs.follow(started.runId, 0, new AbortController().signal)) {
		events.push(...batch);
		if (batch.some((event) => stopAt?.(event))) await runs.stop(started.runId);
	}
	await runs.shutdown();
	await upstream.stop();
	return events.map((event) => named(event, name));
}

/** The same ids at every recording, so that a difference is one of the content. */
function named(event: Numbered, name: string): Numbered {
	if (event.type !== 'run-start') return event;
	return {
		...event,
		runId: `run-${name}`,
		conversationId: `conversation-${name}`,
		messageId: `message-${name}`
	};
}
