import { dirname, join, resolve } from 'node:path';
import type { Config } from '#lib/server/config.ts';
import type { Answer } from './answer.ts';
import { ASSISTANT, castOf } from './cast.ts';
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

/** How those of the cast answer. */
export function createAgents(config: Config): Answer {
	const { OPENAI_API_KEY: key, OPENAI_BASE_URL, OPENAI_API: api } = config;
	const { demo } = castOf(config);
	const baseUrl = OPENAI_BASE_URL ?? OPENAI;
	const notes = notesFolder(config.DATABASE_URL);
	const tools = [currentTime, calculate, ...(notes === undefined ? [] : [saveNote(notes)])];
	const assistant: AgentDraft = { name: ASSISTANT, instructions, tools };
	const agents = new Map([[assistant.name, assistant]]);
	return answerWith({
		agents,
		model: (model) =>
			demo ? ownModel(() => new DemoModel()) : openAiModel({ api, baseUrl, key, model }),
		idleMs: config.MODEL_IDLE_TIMEOUT_MS,
		source: { host: new URL(baseUrl).host, key, maxTurns: config.MAX_TURNS }
	});
}

/** Notes lie beside the database; there are none where nothing is to be kept. */
function notesFolder(databaseUrl: string): string | undefined {
	if (databaseUrl === ':memory:') return;
	return join(dirname(resolve(databaseUrl.replace(/^file:/, ''))), 'notes');
}
