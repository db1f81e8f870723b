import { getDefaultModel } from '@openai/agents';
import type { Cast } from '#lib/protocol/conversations.ts';
import type { Config } from '#lib/server/config.ts';
import type { Answer } from './answer.ts';
import { DemoModel } from './demo/demo-model.ts';
import { answerWith, openAiModel, ownModel, type AgentDraft } from './openai.ts';
import { calculate } from './tools/calculate.ts';
import { currentTime } from './tools/current-time.ts';

const OPENAI = 'https://api.openai.com/v1';

const assistant: AgentDraft = {
	name: 'assistant',
	instructions: () =>
		[
			'You are a helpful assistant. Answer in the language of the question, in Markdown.',
			'Be brief unless asked for more. Say so when you do not know.',
			'Use your tools for the time and for arithmetic rather than guessing.',
			`Today is ${new Date().toISOString().slice(0, 10)} (UTC).`
		].join(' '),
	tools: [currentTime, calculate]
};

/** Who can answer here, and how: a model behind an API if one is configured, else the demo. */
export function createAgents(config: Config): { cast: Cast; answer: Answer } {
	const { OPENAI_API_KEY: key, OPENAI_BASE_URL, OPENAI_API: api } = config;
	const demo = key === undefined && OPENAI_BASE_URL === undefined;
	const baseUrl = OPENAI_BASE_URL ?? OPENAI;
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
