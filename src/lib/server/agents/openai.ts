import {
	Agent,
	OpenAIChatCompletionsModel,
	OpenAIResponsesModel,
	Runner,
	type Model,
	type Tool
} from '@openai/agents';
import type { Answer, Outcome, Paused, Question, RunFailure } from './answer.ts';
import { anyDialect, chatCompletions, responses } from './dialects.ts';
import { ChatDigest, ResponsesDigest } from './digests.ts';
import { explain, masked, type Source } from './failures.ts';
import { HeardModel, LimitReached, type HeardModelOptions } from './heard-model.ts';
import { toItems } from './history.ts';
import { modelClient } from './model-client.ts';
import { pause, restore, unpack } from './paused.ts';
import { ToolWatch, type ToolContext } from './tool-watch.ts';

/** A model by its making: how to get one for a run, and how to understand it. */
export type ModelMaker = Pick<HeardModelOptions, 'make' | 'dialect' | 'direct'>;

export interface Ensemble {
	/** Agents by name. */
	agents: Map<string, AgentDraft>;
	/** Gives the model of that name. */
	model: (name: string) => ModelMaker;
	idleMs: number;
	/** What sentences about failures need to know; the model is the one that was asked. */
	source: Omit<Source, 'model'>;
}

export interface AgentDraft {
	name: string;
	instructions: string | (() => string);
	tools: Tool<ToolContext>[];
	/** Agents that it may hand the conversation to, by name. */
	handoffs?: string[];
}

/** A model behind the OpenAI API, or one that is compatible with it. */
export function openAiModel(options: {
	api: 'responses' | 'chat_completions';
	baseUrl: string;
	key: string | undefined;
	model: string;
}): ModelMaker {
	const chat = options.api === 'chat_completions';
	const make: ModelMaker['make'] = (hear) => {
		const digest = () => (chat ? new ChatDigest() : new ResponsesDigest());
		const client = modelClient(options, digest, hear);
		return chat
			? new OpenAIChatCompletionsModel(client, options.model)
			: new OpenAIResponsesModel(client, options.model);
	};
	return { make, dialect: chat ? chatCompletions : responses, direct: true };
}

/** A model of our own, made by a function, that is listened to through its stream. */
export function ownModel(make: () => Model): ModelMaker {
	return { make, dialect: anyDialect, direct: false };
}

/**
 * Answers with an agent of the ensemble. Each run has a runner, a model and a watch over its tools
 * of its own, so that nothing of one run can be heard in another.
 */
export function answerWith(ensemble: Ensemble): Answer {
	return async (question, say, signal) => {
		const source = { ...ensemble.source, model: question.model };
		const saved = question.resume && unpack(question.resume.state);
		const watch = new ToolWatch(say);
		const model = new HeardModel({
			...ensemble.model(question.model),
			say,
			idleMs: ensemble.idleMs,
			onturn: (request) => {
				watch.settle(request);
			},
			oncall: (callId, name) => {
				watch.expect(callId, name);
			},
			before: saved?.soFar
		});
		const outcome = (reason: 'done' | 'limit'): Outcome => ({ reason, usage: model.usage });

		try {
			const paused = await Promise.race([run(question, model, watch), aborted(signal)]);
			return paused ?? outcome('done');
		} catch (cause) {
			if (signal.aborted) return outcome('done');
			if (cause instanceof LimitReached) return outcome('limit');
			const failure = explain(cause, source);
			// a refusal in words is an answer
			if (failure.code === 'model-refused' && model.spoke) return outcome('done');
			log(failure, source);
			throw failure;
		}

		async function run(
			{ agent: name, history, instructions = saved?.instructions, resume }: Question,
			model: HeardModel,
			watch: ToolWatch
		): Promise<Paused | undefined> {
			const agent = castFrom(ensemble.agents, model, instructions)(name);
			const start = saved && resume && (await restore(agent, saved, resume.decisions, watch));
			const modelProvider = { getModel: () => model };
			const runner = new Runner({ model, modelProvider, tracingDisabled: true });
			watch.watch(runner);
			const result = await runner.run(agent, start ?? toItems(history), {
				stream: true,
				signal,
				maxTurns: ensemble.source.maxTurns,
				context: watch.context,
				toolNotFoundBehavior: 'return_error_to_model'
			});
			await result.completed;
			const { interruptions, state } = result;
			if (interruptions.length === 0) return undefined;
			const { soFar } = model;
			return pause(interruptions, { sdk: state.toString(), instructions, soFar, open: watch.open });
		}
	};
}

/** Makes the agents of one run, each when it is first named, so that they can name each other. */
function castFrom(drafts: Map<string, AgentDraft>, model: Model, wanted?: string) {
	const cast = new Map<string, Agent<ToolContext>>();
	return function named(name: string): Agent<ToolContext> {
		const known = cast.get(name);
		if (known) return known;
		const draft = drafts.get(name);
		if (!draft) throw new Error(`There is no agent called ${name}.`);
		const { tools, handoffs = [] } = draft;
		const own = typeof draft.instructions === 'string' ? draft.instructions : draft.instructions();
		const instructions = wanted === undefined ? own : `${own}\n\n${wanted}`;
		const agent = new Agent<ToolContext>({ name, instructions, tools, model });
		cast.set(name, agent);
		agent.handoffs = handoffs.map(named);
		return agent;
	};
}

/** The reader gets the sentence; why it came to that is for the operator. */
function log(failure: RunFailure, { key }: Source): void {
	const cause = failure.cause === undefined ? '' : masked(failure.cause, key);
	console.error(`A run failed (${failure.code}). ${failure.message}`, cause);
}

/** Resolves when the signal aborts: a tool that does not heed it must not hold up the end. */
function aborted(signal: AbortSignal): Promise<undefined> {
	const { promise, resolve } = Promise.withResolvers<undefined>();
	if (signal.aborted) resolve(undefined);
	else {
		signal.addEventListener(
			'abort',
			() => {
				resolve(undefined);
			},
			{ once: true }
		);
	}
	return promise;
}
