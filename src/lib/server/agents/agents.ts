import { dirname, join, resolve } from 'node:path';
import { getDefaultModel } from '@openai/agents';
import type { Cast } from '#lib/protocol/conversations.ts';
import type { Config } from '#lib/server/config.ts';
import type { Answer } from './answer.ts';
import { DemoModel } from './demo/demo-model.ts';
import { answerWith, openAiModel, ownModel, type AgentDraft } from './openai.ts';
import { calculate } from './tools/calculate.ts';
import { currentTime } from './tools/current-time.ts';
import { saveNote } from './tools/save-note.ts';

const OPENAI = 'https://api.openai.com/v1';

const instructions = () =>
	[
		'You are a helpful assistant. Answer in the language of the question, in Markdown.',
		'Be brief unless asked for more. Say so when you do not know.',
		'Use your tools for the time and for arithmetic rather than guessing.',
		`Today is ${new Date().toISOString().slice(0, 10)} (UTC).`
	].join(' ');

/** Who can answer here, and how: a model behind an API if one is configured, else the demo. */
export function createAgents(config: Config): { cast: Cast; answer: Answer } {
	const { OPENAI_API_KEY: key, OPENAI_BASE_URL, OPENAI_API: api } = config;
	const demo = key === undefined && OPENAI_BASE_URL === undefined;
	const baseUrl = OPENAI_BASE_URL ?? OPENAI;
	const notes = notesFolder(config.DATABASE_URL);
	const tools = [currentTime, calculate, ...(notes === undefined ? [] : [saveNote(notes)])];
	const assistant: AgentDraft = { name: 'assistant', instructions, tools };
	const agents = new Map([[assistant.name, assistant]]);
	const answer = answerWith({
		agents,
		model: (model) =>
			demo ? ownModel(() => new DemoModel()) : openAiModel({ api, baseUrl, key, model }),
		idleMs: config.MODEL_IDLE_TIMEOUT_MS,
		source: { host: new URL(baseUrl).host, key, maxTurns: config.MAX_TURNS }
	});
	const model = demo ? 'demo' : (config.OPENAI_MODEL ?? getDefaultModel());
	return { cast: { agents: [...agents.keys()], models: [model], demo }, answer };
}

/** Notes lie beside the database; there are none where nothing is to be kept. */
function notesFolder(databaseUrl: string): string | undefined {
	if (databaseUrl === ':memory:') return;
	return join(dirname(resolve(databaseUrl.replace(/^file:/, ''))), 'notes');
}
