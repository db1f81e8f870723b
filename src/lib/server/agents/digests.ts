import { contentText, fieldsOf, firstChoice, listOf } from './dialects.ts';

type Fields = Record<string, unknown>;

/**
 * What the SDK has to know of a model server's stream: not the tokens, which went to the reader
 * already, but what the answer came to. So the SDK works once an answer, not once a token.
 */
export interface Digest {
	/** Takes the next event, and may put right what makes it ambiguous. */
	take(event: unknown): void;
	/** `[DONE]` was said. */
	sentinel(): void;
	/** Nothing that matters can follow. */
	readonly over: boolean;
	/** The answer is whole, should the stream end here. */
	readonly whole: boolean;
	/** The events to hand to the SDK, now that it is over. */
	events(): unknown[];
}

/** Of the Responses API only the last event matters: it repeats all that was said. */
export class ResponsesDigest implements Digest {
	over = false;
	#last: Fields | undefined;
	readonly #items: unknown[] = [];

	get whole(): boolean {
		return this.over;
	}

	take(event: unknown): void {
		const fields = fieldsOf(event);
		switch (fields.type) {
			case 'response.output_item.done':
				this.#items.push(fields.item);
				break;
			case 'response.completed':
				this.#last = fields;
				this.over = true;
				break;
			case 'response.incomplete':
			case 'response.failed':
			case 'error':
				this.over = true;
		}
	}

	sentinel(): void {
		// this API has none; servers that send it have said `response.completed` before
	}

	events(): unknown[] {
		if (!this.#last) return [];
		const response = fieldsOf(this.#last.response);
		// some servers leave the repetition out
		const output = Array.isArray(response.output) && response.output.length > 0;
		return [
			output ? this.#last : { ...this.#last, response: { ...response, output: this.#items } }
		];
	}
}

interface ChatCall {
	index: number;
	id: string;
	type: 'function';
	function: { name: string; arguments: string };
}

/** Chat Completions never repeat what was said, so it is gathered into one chunk. */
export class ChatDigest implements Digest {
	over = false;
	#done = false;
	#finish: unknown = null;
	#head: Fields = {};
	#usage: unknown;
	#content = '';
	#reasoning = '';
	#refusal = '';
	readonly #annotations: unknown[] = [];
	readonly #calls = new Map<number, ChatCall>();

	get whole(): boolean {
		const said = this.#content !== '' || this.#refusal !== '' || this.#calls.size > 0;
		return Boolean(this.#finish) || (this.#done && said);
	}

	take(event: unknown): void {
		const chunk = fieldsOf(event);
		if (typeof chunk.id === 'string' && !this.#head.id) {
			this.#head = { id: chunk.id, created: chunk.created, model: chunk.model };
		}
		if (chunk.usage) this.#usage = chunk.usage;
		const choice = firstChoice(chunk);
		if (!choice) return;
		if (choice.finish_reason) this.#finish = choice.finish_reason;
		const delta = fieldsOf(choice.delta);
		this.#content += contentText(delta.content);
		if (typeof delta.reasoning === 'string') this.#reasoning += delta.reasoning;
		if (typeof delta.refusal === 'string') this.#refusal += delta.refusal;
		for (const annotation of listOf(delta.annotations)) this.#annotations.push(annotation);
		for (const call of listOf(delta.tool_calls)) this.#call(call);
	}

	sentinel(): void {
		this.#done = true;
		this.over = true;
	}

	events(): unknown[] {
		const delta: Fields = { role: 'assistant' };
		if (this.#content) delta.content = this.#content;
		if (this.#reasoning) delta.reasoning = this.#reasoning;
		if (this.#refusal) delta.refusal = this.#refusal;
		if (this.#annotations.length > 0) delta.annotations = this.#annotations;
		if (this.#calls.size > 0) delta.tool_calls = [...this.#calls.values()];
		const choices = [{ index: 0, delta, finish_reason: this.#finish }];
		const usage = this.#usage ? { usage: this.#usage } : {};
		return [{ ...this.#head, object: 'chat.completion.chunk', choices, ...usage }];
	}

	#call(piece: unknown): void {
		const fields = fieldsOf(piece);
		const index = this.#indexOf(fields);
		fields.index = index;
		const { name, arguments: written } = fieldsOf(fields.function);
		const known = this.#calls.get(index);
		const call = known ?? {
			index,
			id: '',
			type: 'function',
			function: { name: '', arguments: '' }
		};
		this.#calls.set(index, call);
		if (typeof fields.id === 'string' && !call.id) call.id = fields.id;
		// some servers repeat the name in every piece
		if (typeof name === 'string' && name !== call.function.name) call.function.name += name;
		if (typeof written === 'string') call.function.arguments += written;
	}

	/** Servers that leave the index out begin each call with its id. */
	#indexOf({ index, id }: Fields): number {
		if (typeof index === 'number') return index;
		const last = Math.max(-1, ...this.#calls.keys());
		const begins = typeof id === 'string' && id !== '' && this.#calls.get(last)?.id !== id;
		return begins || last === -1 ? last + 1 : last;
	}
}
