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

/** The answer as `POST /v1/chat/completions` streams it, chunk by chunk. */
export function renderChatCompletions(reply: Reply, body: RequestBody, number: number): Body {
	const writer = new BodyWriter();
	const counted = body.stream_options?.include_usage === true;
	const head = {
		id: `chatcmpl-${String(number)}`,
		object: 'chat.completion.chunk',
		created: 1_760_000_000,
		model: body.model ?? null,
		service_tier: 'default',
		system_fingerprint: 'fp_runnel'
	};
	const send = (choices: Fields[], token: boolean, usage: Fields | null = null) => {
		const chunk = { ...head, choices, ...(counted ? { usage } : {}), obfuscation: 'b2' };
		writer.frame(`data: ${JSON.stringify(chunk)}\n\n`, token);
	};
	const delta = (fields: Fields, token = true, finish_reason: string | null = null) => {
		send([{ index: 0, delta: fields, logprobs: null, finish_reason }], token);
	};

	delta({ role: 'assistant', content: '', refusal: null }, false);
	let calls = 0;
	for (const [index, step] of reply.steps.entries()) {
		for (const [fields, token] of deltasOf(
			step,
			reply,
			calls,
			`${String(number)}_${String(index)}`
		)) {
			delta(fields, token);
		}
		if ('call' in step) calls += 1;
	}

	const end = reply.end ?? 'stop';
	if (end === 'failed' || end === 'error') {
		const error = {
			message: 'The server had an error.',
			type: 'server_error',
			param: null,
			code: null
		};
		writer.frame(`data: ${JSON.stringify({ error })}\n\n`);
	} else if (end !== 'nothing') {
		delta({}, false, finishReason(end, calls));
		if (counted) send([], false, usageOf(body, reply.steps));
		writer.frame('data: [DONE]\n\n');
	}
	return writer.body();
}

/** The same answer in one piece, for a request that does not stream. */
export function wholeChatCompletion(reply: Reply, body: RequestBody, number: number): unknown {
	const said = (name: 'text' | 'refusal') =>
		reply.steps
			.flatMap((step) => (name in step ? whole((step as Record<string, string>)[name] ?? '') : []))
			.join('');
	const tool_calls = reply.steps.flatMap((step, index) =>
		'call' in step ? [callOf(step.call, `${String(number)}_${String(index)}`)] : []
	);
	const message = {
		role: 'assistant',
		content: said('text') || null,
		refusal: said('refusal') || null,
		annotations: [],
		...(tool_calls.length > 0 ? { tool_calls } : {})
	};
	return {
		id: `chatcmpl-${String(number)}`,
		object: 'chat.completion',
		created: 1_760_000_000,
		model: body.model ?? null,
		choices: [
			{
				index: 0,
				message,
				logprobs: null,
				finish_reason: finishReason(reply.end ?? 'stop', tool_calls.length)
			}
		],
		usage: usageOf(body, reply.steps)
	};
}

/** The deltas of one step, and whether each is a token. */
function* deltasOf(
	step: Step,
	reply: Reply,
	index: number,
	id: string
): Generator<[Fields, boolean]> {
	if ('reasoning' in step) {
		const field = reply.reasoningField ?? 'reasoning_content';
		for (const piece of tokensOf(step.reasoning)) yield [{ [field]: piece }, true];
	} else if ('refusal' in step) {
		for (const refusal of tokensOf(step.refusal)) yield [{ refusal }, true];
	} else if ('text' in step) {
		for (const content of tokensOf(step.text)) yield [{ content }, true];
		if (step.sources) yield [{ annotations: step.sources.map(citation) }, false];
	} else {
		const { function: fn, ...call } = callOf(step.call, id);
		yield [{ tool_calls: [{ index, ...call, function: { name: fn.name, arguments: '' } }] }, false];
		for (const piece of tokensOf(fn.arguments)) {
			yield [{ tool_calls: [{ index, function: { arguments: piece } }] }, true];
		}
	}
}

function callOf(call: { id?: string; name: string; args: unknown }, id: string) {
	return {
		id: call.id ?? `call_${id}`,
		type: 'function',
		function: { name: call.name, arguments: argumentsOf(call.args) }
	};
}

function citation(source: { url: string; title: string }): Fields {
	return { type: 'url_citation', url_citation: { start_index: 0, end_index: 1, ...source } };
}

function finishReason(end: NonNullable<Reply['end']>, calls: number): string {
	if (end === 'length') return 'length';
	if (end === 'filter') return 'content_filter';
	return calls > 0 ? 'tool_calls' : 'stop';
}

function usageOf(body: RequestBody, steps: Step[]): Fields {
	const { input, output } = countTokens(body, steps);
	return {
		prompt_tokens: input,
		completion_tokens: output,
		total_tokens: input + output,
		prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
		completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 }
	};
}
