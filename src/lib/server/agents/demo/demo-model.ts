import { Usage } from '@openai/agents';
import type { Model, ModelRequest, ModelResponse, StreamEvent } from '@openai/agents';
import { setTimeout as sleep } from 'node:timers/promises';
import { respond, type Call } from './respond.ts';

type Done = Extract<StreamEvent, { type: 'response_done' }>['response'];

const TOKENS_A_SECOND = 45;

/**
 * A model that needs nothing: no key, no network. It says that it is a demo, and does what it takes
 * to try everything out: it streams at a human pace, calls tools, reasons, and writes at length.
 * It speaks as the Responses API does.
 */
export class DemoModel implements Model {
	readonly #pause: number;
	#answers = 0;

	constructor({ tokensPerSecond = TOKENS_A_SECOND } = {}) {
		this.#pause = 1000 / tokensPerSecond;
	}

	async getResponse(request: ModelRequest): Promise<ModelResponse> {
		let done: Done | undefined;
		for await (const event of this.getStreamedResponse(request)) {
			if (event.type === 'response_done') done = event.response;
		}
		return { usage: new Usage(done?.usage), output: done?.output ?? [], responseId: done?.id };
	}

	async *getStreamedResponse(request: ModelRequest): AsyncGenerator<StreamEvent> {
		const answer = String(this.#answers++);
		const items = typeof request.input === 'string' ? [] : request.input;
		const { reasoning, text, calls = [] } = respond(items);
		const output: Done['output'] = [];
		let tokens = 0;

		const stream = async function* (fields: object, whole: string, pause: number) {
			for (const delta of whole.match(/\s*\S{1,8}|\s+$/g) ?? []) {
				await waited(pause, request.signal);
				tokens += 1;
				yield heard({ ...fields, delta });
			}
		};

		if (reasoning) {
			const id = `reasoning-${answer}`;
			const at = { item_id: id, output_index: output.length, summary_index: 0 };
			yield heard({ type: 'response.output_item.added', item: { type: 'reasoning', id } });
			const type = 'response.reasoning_summary_text.delta';
			yield* stream({ type, ...at }, reasoning, this.#pause);
			yield heard({ type: 'response.output_item.done', item: { type: 'reasoning', id } });
			output.push({ type: 'reasoning', id, content: [{ type: 'input_text', text: reasoning }] });
		}
		if (text) {
			const id = `message-${answer}`;
			const at = { item_id: id, output_index: output.length, content_index: 0 };
			yield heard({ type: 'response.output_item.added', item: { type: 'message', id } });
			yield* stream({ type: 'response.output_text.delta', ...at }, text, this.#pause);
			yield heard({ type: 'response.output_item.done', item: { type: 'message', id } });
			const content = [{ type: 'output_text' as const, text }];
			output.push({ type: 'message', id, role: 'assistant', status: 'completed', content });
		}
		for (const [index, call] of calls.entries()) {
			const item = callItem(call, `call-${answer}-${String(index)}`);
			const at = { output_index: output.length };
			const { callId: call_id, name } = item;
			yield heard({
				type: 'response.output_item.added',
				...at,
				item: { type: 'function_call', call_id, name, arguments: '' }
			});
			const type = 'response.function_call_arguments.delta';
			yield* stream({ type, ...at }, item.arguments, this.#pause);
			output.push(item);
		}

		const inputTokens = Math.ceil(JSON.stringify(items).length / 4);
		const usage = { inputTokens, outputTokens: tokens, totalTokens: inputTokens + tokens };
		yield { type: 'response_done', response: { id: `demo-${answer}`, usage, output } };
	}
}

function heard(event: object): StreamEvent {
	return { type: 'model', event };
}

function callItem(call: Call, callId: string) {
	return {
		type: 'function_call' as const,
		callId,
		name: call.name,
		arguments: JSON.stringify(call.input),
		status: 'completed' as const
	};
}

async function waited(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
	signal?.throwIfAborted();
	if (milliseconds > 0) await sleep(milliseconds, undefined, { signal });
}
