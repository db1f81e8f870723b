import type { EndReason, Numbered, Usage } from '#lib/protocol/events.ts';
import { textOf, type AssistantMessage } from '#lib/protocol/messages.ts';
import { failureOf, lastWord } from './failure.ts';
import { openAiFailure } from './openai-failure.ts';
import { secondsOf, type Past, type RunStart } from './past.ts';
import { waitingFor } from './waiting.ts';
import type { Wire } from './wire.ts';

/**
 * OpenAI's chat completion chunks. The agent's own tools are not shown: a client would take them
 * for calls that it has to answer. A run that waits for a person ends in an error, because a finish
 * would say that this is the answer.
 *
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 */
export const openai: Wire = chunks(false);

/** The same with a last chunk that says the usage: `stream_options.include_usage`. */
export const openaiWithUsage: Wire = chunks(true);

/** A reply that is over as a chat completion, for who does not stream. */
export function chatCompletionOf(start: RunStart, reply: AssistantMessage) {
	const withdrawn = reply.retracted !== undefined;
	const message = {
		role: 'assistant',
		content: withdrawn ? null : textOf(reply),
		refusal: reply.retracted ?? null,
		annotations: []
	};
	const finish_reason = withdrawn ? 'content_filter' : finishReason(reply.status);
	return {
		...head(start, 'chat.completion'),
		choices: [{ index: 0, message, logprobs: null, finish_reason }],
		usage: usageOf(reply.usage)
	};
}

function chunks(withUsage: boolean): Wire {
	return {
		name: 'openai',
		headers: {},
		recalls: true,
		encode(event, past) {
			const frames = say(event, past, withUsage).map((value) => ({ data: JSON.stringify(value) }));
			return event.type === 'run-end' ? [...frames, { data: '[DONE]' }] : frames;
		},
		last: lastWord,
		endsAtPause: true
	};
}

function say(event: Numbered, past: Past, withUsage: boolean): object[] {
	const { start } = past;
	const chunk = (delta: object, finish_reason: string | null = null) => ({
		...head(start, 'chat.completion.chunk'),
		choices: [{ index: 0, delta, logprobs: null, finish_reason }],
		...(withUsage ? { usage: null } : {})
	});
	switch (event.type) {
		case 'run-start':
			return [chunk({ role: 'assistant', content: '', refusal: null })];
		case 'text-delta':
			return [chunk({ content: event.delta })];
		case 'run-pause':
			return [{ error: openAiFailure(waitingFor(past)) }];
		case 'run-end': {
			const last = chunk({}, finishReason(event.reason));
			if (!withUsage) return [last];
			return [last, { ...last, choices: [], usage: usageOf(event.usage) }];
		}
		default: {
			const failure = failureOf(event);
			return failure ? [{ error: openAiFailure(failure) }] : [];
		}
	}
}

function head(start: RunStart, object: string) {
	return {
		id: `chatcmpl-${start.runId}`,
		object,
		created: secondsOf(start),
		model: start.model,
		service_tier: 'default',
		system_fingerprint: null
	};
}

function finishReason(reason: EndReason | AssistantMessage['status']): 'length' | 'stop' {
	return reason === 'limit' ? 'length' : 'stop';
}

function usageOf(usage: Usage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 }) {
	return {
		prompt_tokens: usage.inputTokens,
		completion_tokens: usage.outputTokens,
		total_tokens: usage.totalTokens
	};
}
