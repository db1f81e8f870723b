import type { AssistantMessage, Part } from '#lib/protocol/messages.ts';
import { openAiFailure } from './openai-failure.ts';
import { secondsOf, type RunStart } from './past.ts';

/** The parts of a reply that are output items of a response. */
export type SpokenPart = Extract<Part, { type: 'text' | 'reasoning' }>;

/** A reply, over or under way, as an object of OpenAI's Responses API. */
export function responseOf(start: RunStart, reply: AssistantMessage) {
	const { usage, failure } = reply;
	const status = statusOf(reply);
	return {
		id: `resp_${start.runId}`,
		object: 'response',
		created_at: secondsOf(start),
		status,
		background: false,
		error: failure ? errorOf(failure) : null,
		incomplete_details: status === 'incomplete' ? { reason: reasonOf(reply) } : null,
		instructions: null,
		max_output_tokens: null,
		metadata: {},
		model: start.model,
		output: reply.retracted === undefined ? outputOf(reply).map(itemOf) : [],
		parallel_tool_calls: true,
		previous_response_id: null,
		reasoning: { effort: null, summary: null },
		store: true,
		temperature: null,
		text: { format: { type: 'text' } },
		tool_choice: 'none',
		tools: [],
		top_p: null,
		truncation: 'disabled',
		usage: usage
			? {
					input_tokens: usage.inputTokens,
					input_tokens_details: { cached_tokens: 0 },
					output_tokens: usage.outputTokens,
					output_tokens_details: { reasoning_tokens: 0 },
					total_tokens: usage.totalTokens
				}
			: null,
		user: null
	};
}

/** The parts that a response shows, in order. */
export function outputOf({ parts }: AssistantMessage): SpokenPart[] {
	return parts.filter((part) => part.type === 'text' || part.type === 'reasoning');
}

/** A part as an output item. */
export function itemOf(part: SpokenPart) {
	const { id, closed } = part;
	const status = closed ? 'completed' : 'in_progress';
	return part.type === 'text'
		? { id, type: 'message', role: 'assistant', status, content: [contentOf(part)] }
		: { id, type: 'reasoning', status, summary: [contentOf(part)] };
}

/** The text of a part, as the one section of its item. */
export function contentOf({ type, text }: SpokenPart) {
	return type === 'text'
		? { type: 'output_text', text, annotations: [], logprobs: [] }
		: { type: 'summary_text', text };
}

function statusOf({ status, retracted }: AssistantMessage) {
	if (retracted !== undefined) return 'incomplete';
	switch (status) {
		case 'running':
		case 'paused':
			return 'in_progress';
		case 'done':
			return 'completed';
		case 'limit':
			return 'incomplete';
		case 'stopped':
			return 'cancelled';
		case 'failed':
			return 'failed';
	}
}

function reasonOf({ retracted }: AssistantMessage) {
	return retracted === undefined ? 'max_output_tokens' : 'content_filter';
}

/** A response knows fewer codes than other answers do. */
function errorOf(failure: NonNullable<AssistantMessage['failure']>) {
	const { code, message } = openAiFailure(failure);
	return { code: code === 'rate_limit_exceeded' ? code : 'server_error', message };
}
