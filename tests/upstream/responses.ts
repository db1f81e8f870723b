import { BodyWriter, type Body } from './body.ts';
import {
	argumentsOf,
	countTokens,
	tokensOf,
	whole,
	type Reply,
	type RequestBody,
	type Step
} from './reply.ts';

type Fields = Record<string, unknown>;

/** The answer as `POST /v1/responses` gives it, event by event, in OpenAI's order. */
export function renderResponses(reply: Reply, body: RequestBody, number: number): Body {
	const writer = new ResponsesWriter();
	const base = shell(body, number);
	writer.event('response.created', { response: { ...base, status: 'in_progress' } });
	writer.event('response.in_progress', { response: { ...base, status: 'in_progress' } });

	const output = reply.steps.map((step, index) =>
		writer.step(step, index, `${String(number)}_${String(index)}`)
	);
	const end = reply.end ?? 'stop';
	if (end === 'error') {
		writer.event('error', {
			code: 'server_error',
			message: 'The server had an error.',
			param: null
		});
	} else if (end !== 'nothing') {
		const { type, ...rest } = ending(end);
		writer.event(type, {
			response: { ...base, ...rest, output, usage: usageOf(body, reply.steps) }
		});
	}
	return writer.body();
}

/** The same answer in one piece, for a request that does not stream. */
export function wholeResponse(reply: Reply, body: RequestBody, number: number): unknown {
	const writer = new ResponsesWriter();
	const output = reply.steps.map((step, index) =>
		writer.step(step, index, `${String(number)}_${String(index)}`)
	);
	const { type: _type, ...rest } = ending(reply.end ?? 'stop');
	return { ...shell(body, number), ...rest, output, usage: usageOf(body, reply.steps) };
}

class ResponsesWriter {
	readonly #writer = new BodyWriter();
	#sequence = 0;

	event(type: string, fields: Fields, token = false): void {
		const event = { type, ...fields, sequence_number: this.#sequence++ };
		this.#writer.frame(`event: ${type}\ndata: ${JSON.stringify(event)}\n\n`, token);
	}

	body(): Body {
		return this.#writer.body();
	}

	/** Says one output item and gives it as the terminal event repeats it. */
	step(step: Step, output_index: number, id: string): Fields {
		if ('reasoning' in step) return this.#reasoning(step.reasoning, output_index, `rs_${id}`);
		if ('call' in step) return this.#call(step.call, output_index, id);
		return this.#message(step, output_index, `msg_${id}`);
	}

	#item(output_index: number, started: Fields, done: Fields, between: () => void): Fields {
		this.event('response.output_item.added', { output_index, item: started });
		between();
		this.event('response.output_item.done', { output_index, item: done });
		return done;
	}

	#reasoning(text: string | string[], output_index: number, id: string): Fields {
		const done = { type: 'summary_text', text: whole(text) };
		const item = { id, type: 'reasoning', summary: [] };
		return this.#item(output_index, item, { ...item, summary: [done] }, () => {
			const at = { item_id: id, output_index, summary_index: 0 };
			this.event('response.reasoning_summary_part.added', {
				...at,
				part: { type: 'summary_text', text: '' }
			});
			for (const delta of tokensOf(text)) {
				const fields = { ...at, delta, obfuscation: 'k3Jd9' };
				this.event('response.reasoning_summary_text.delta', fields, true);
			}
			this.event('response.reasoning_summary_text.done', { ...at, text: done.text });
			this.event('response.reasoning_summary_part.done', { ...at, part: done });
		});
	}

	#message(
		step: Exclude<Step, { reasoning: unknown } | { call: unknown }>,
		output_index: number,
		id: string
	): Fields {
		const refused = 'refusal' in step;
		const kind = refused ? 'refusal' : 'output_text';
		const text = refused ? step.refusal : step.text;
		const annotations = refused ? [] : (step.sources ?? []).map(citation);
		const part = (said: string, notes: unknown[]): Fields =>
			refused
				? { type: 'refusal', refusal: said }
				: { type: 'output_text', annotations: notes, logprobs: [], text: said };
		const done = part(whole(text), annotations);
		const item = { id, type: 'message', role: 'assistant', content: [], status: 'in_progress' };

		return this.#item(output_index, item, { ...item, status: 'completed', content: [done] }, () => {
			const at = { item_id: id, output_index, content_index: 0 };
			this.event('response.content_part.added', { ...at, part: part('', []) });
			for (const delta of tokensOf(text)) {
				const fields = refused
					? { ...at, delta }
					: { ...at, delta, logprobs: [], obfuscation: 'Xy7' };
				this.event(`response.${kind}.delta`, fields, true);
			}
			for (const [annotation_index, annotation] of annotations.entries()) {
				const fields = { ...at, annotation_index, annotation };
				this.event('response.output_text.annotation.added', fields);
			}
			const last = refused ? { refusal: whole(text) } : { text: whole(text), logprobs: [] };
			this.event(`response.${kind}.done`, { ...at, ...last });
			this.event('response.content_part.done', { ...at, part: done });
		});
	}

	#call(
		call: { id?: string; name: string; args: unknown },
		output_index: number,
		id: string
	): Fields {
		const item_id = `fc_${id}`;
		const written = argumentsOf(call.args);
		const item = {
			id: item_id,
			type: 'function_call',
			status: 'in_progress',
			arguments: '',
			call_id: call.id ?? `call_${id}`,
			name: call.name
		};
		return this.#item(
			output_index,
			item,
			{ ...item, status: 'completed', arguments: written },
			() => {
				for (const delta of tokensOf(written)) {
					const fields = { item_id, output_index, delta, obfuscation: 'q' };
					this.event('response.function_call_arguments.delta', fields, true);
				}
				this.event('response.function_call_arguments.done', {
					item_id,
					output_index,
					arguments: written
				});
			}
		);
	}
}

function ending(end: NonNullable<Reply['end']>): Fields & { type: string } {
	switch (end) {
		case 'length':
		case 'filter': {
			const reason = end === 'length' ? 'max_output_tokens' : 'content_filter';
			return { type: 'response.incomplete', status: 'incomplete', incomplete_details: { reason } };
		}
		case 'failed': {
			const error = { code: 'server_error', message: 'The model had an internal error.' };
			return { type: 'response.failed', status: 'failed', error };
		}
		default:
			return { type: 'response.completed', status: 'completed', completed_at: 1_760_000_009 };
	}
}

function citation(source: { url: string; title: string }): Fields {
	return { type: 'url_citation', start_index: 0, end_index: 1, ...source };
}

function usageOf(body: RequestBody, steps: Step[]): Fields {
	const { input, output } = countTokens(body, steps);
	return {
		input_tokens: input,
		input_tokens_details: { cached_tokens: 0 },
		output_tokens: output,
		output_tokens_details: { reasoning_tokens: 0 },
		total_tokens: input + output
	};
}

/** What every copy of the response in the stream repeats. */
function shell(body: RequestBody, number: number): Fields {
	return {
		id: `resp_${String(number)}`,
		object: 'response',
		created_at: 1_760_000_000,
		background: false,
		error: null,
		incomplete_details: null,
		instructions: body.instructions ?? null,
		max_output_tokens: null,
		max_tool_calls: null,
		model: body.model ?? null,
		output: [],
		parallel_tool_calls: true,
		previous_response_id: null,
		prompt_cache_key: null,
		reasoning: { effort: null, summary: null },
		safety_identifier: null,
		service_tier: 'default',
		store: true,
		temperature: 1,
		text: { format: { type: 'text' }, verbosity: 'medium' },
		tool_choice: 'auto',
		tools: body.tools ?? [],
		top_logprobs: 0,
		top_p: 1,
		truncation: 'disabled',
		usage: null,
		user: null,
		metadata: {}
	};
}
