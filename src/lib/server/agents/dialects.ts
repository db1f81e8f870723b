import { failedMidway } from './failures.ts';
import type { Turn } from './turn.ts';

/** Understands one event of a model server, and says what it means through the turn. */
export type Dialect = (event: unknown, turn: Turn) => void;

type Fields = Record<string, unknown>;

const NONE: unknown[] = [];

/** Any dialect, told apart by the shape of the event. For models that do not say what they speak. */
export const anyDialect: Dialect = (event, turn) => {
	if (!isFields(event)) return;
	if ('choices' in event) chatCompletions(event, turn);
	else if (typeof event.type === 'string' && /^(response\.|error$)/.test(event.type)) {
		responses(event, turn);
	} else aiSdk(event, turn);
};

/** OpenAI's Responses API: https://platform.openai.com/docs/api-reference/responses-streaming */
export const responses: Dialect = (event, turn) => {
	if (!isFields(event)) return;
	switch (event.type) {
		case 'response.output_text.delta':
		case 'response.refusal.delta':
			turn.text(`${String(event.item_id)}/${String(event.content_index)}`, event.delta);
			break;
		case 'response.reasoning_summary_text.delta':
			turn.reasoning(`${String(event.item_id)}/${String(event.summary_index)}`, event.delta);
			break;
		case 'response.reasoning_text.delta':
			turn.reasoning(`${String(event.item_id)}/text/${String(event.content_index)}`, event.delta);
			break;
		case 'response.output_item.added': {
			const item = fieldsOf(event.item);
			if (item.type !== 'function_call') break;
			turn.beginCall(String(event.output_index), item.call_id, item.name);
			turn.callInput(String(event.output_index), item.arguments);
			break;
		}
		case 'response.function_call_arguments.delta':
			turn.callInput(String(event.output_index), event.delta);
			break;
		case 'response.output_item.done':
			turn.close();
			break;
		case 'response.output_text.annotation.added': {
			const { type, url, title } = fieldsOf(event.annotation);
			if (type === 'url_citation') turn.source(url, title);
			break;
		}
		case 'response.incomplete': {
			const response = fieldsOf(event.response);
			turn.usage = responsesUsage(response.usage);
			turn.filtered = fieldsOf(response.incomplete_details).reason === 'content_filter';
			turn.limited = true;
			break;
		}
		case 'response.failed': {
			const { code, message } = fieldsOf(fieldsOf(event.response).error);
			turn.failure ??= failedMidway(code, message);
			break;
		}
		case 'error': {
			// OpenAI sends the fields bare, others wrap them as in the body of a refusal
			const { code, message } = isFields(event.error) ? event.error : event;
			turn.failure ??= failedMidway(code, message);
		}
	}
};

/** Chat Completions, with the two fields that servers use for reasoning. */
export const chatCompletions: Dialect = (event, turn) => {
	if (!isFields(event)) return;
	if (event.error) {
		const { code, message } = fieldsOf(event.error);
		turn.failure ??= failedMidway(code, message ?? event.error);
		return;
	}
	const choice = firstChoice(event);
	if (!choice) return;
	const delta = fieldsOf(choice.delta);
	turn.reasoning('reasoning', delta.reasoning_content || delta.reasoning);
	turn.text('text', contentText(delta.content));
	turn.text('text', delta.refusal);
	for (const call of listOf(delta.tool_calls)) chatCall(call, turn);
	for (const annotation of listOf(delta.annotations)) {
		const { url, title } = fieldsOf(fieldsOf(annotation).url_citation);
		turn.source(url, title);
	}
	if (choice.finish_reason === 'length') turn.limited = true;
	if (choice.finish_reason === 'content_filter') turn.limited = turn.filtered = true;
};

function chatCall(call: unknown, turn: Turn): void {
	const { index, id, function: fn } = fieldsOf(call);
	const { name, arguments: written } = fieldsOf(fn);
	const key = String(index);
	if (!turn.knows(key)) turn.beginCall(key, id, name);
	turn.callInput(key, written);
}

/** Stream parts of the AI SDK's models. */
export const aiSdk: Dialect = (event, turn) => {
	if (!isFields(event)) return;
	switch (event.type) {
		case 'text-delta':
			turn.text(String(event.id), event.delta);
			break;
		case 'reasoning-delta':
			turn.reasoning(String(event.id), event.delta);
			break;
		case 'text-end':
		case 'reasoning-end':
			turn.close();
			break;
		case 'tool-input-start':
			turn.beginCall(String(event.id), event.id, event.toolName);
			break;
		case 'tool-input-delta':
			turn.callInput(String(event.id), event.delta);
			break;
		case 'source':
			if (event.sourceType === 'url') turn.source(event.url, event.title);
			break;
		case 'finish': {
			const reason = fieldsOf(event.finishReason).unified ?? event.finishReason;
			if (reason === 'length') turn.limited = true;
			break;
		}
		case 'error':
			turn.failure ??= failedMidway('error', event.error);
	}
};

/** The choice that is the answer; servers that were asked for one may still number others. */
export function firstChoice(chunk: Fields): Fields | undefined {
	if (!Array.isArray(chunk.choices)) return undefined;
	return chunk.choices.map(fieldsOf).find((choice) => (choice.index ?? 0) === 0);
}

/** Content as text: some servers send a list of typed pieces. */
export function contentText(content: unknown): string {
	if (typeof content === 'string') return content;
	if (!Array.isArray(content)) return '';
	return content
		.map((piece) => fieldsOf(piece).text)
		.filter((text) => typeof text === 'string')
		.join('');
}

/** A value as an object whose fields can be asked for; empty when it is none. */
export function fieldsOf(value: unknown): Fields {
	return isFields(value) ? value : {};
}

/** A value as a list; empty when it is none. */
export function listOf(value: unknown): unknown[] {
	return Array.isArray(value) ? value : NONE;
}

function isFields(value: unknown): value is Fields {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function responsesUsage(usage: unknown) {
	const { input_tokens, output_tokens, total_tokens } = fieldsOf(usage);
	return {
		inputTokens: Number(input_tokens ?? 0),
		outputTokens: Number(output_tokens ?? 0),
		totalTokens: Number(total_tokens ?? 0)
	};
}
