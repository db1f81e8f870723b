import type { Model, ModelRequest, ModelResponse, StreamEvent } from '@openai/agents';
import { Usage as SdkUsage } from '@openai/agents';
import type { Usage } from '#lib/protocol/events.ts';
import { RunFailure, type Say } from './answer.ts';
import type { Dialect } from './dialects.ts';
import { brokenOff, tooQuiet } from './failures.ts';
import { Turn, type Ids } from './turn.ts';
import type { Hear } from './model-client.ts';

type Done = Extract<StreamEvent, { type: 'response_done' }>['response'];

export interface HeardModelOptions {
	/** Makes the model that answers, which may call `hear` for each event of its server itself. */
	make: (hear: Hear) => Model;
	dialect: Dialect;
	/** The model calls `hear`; otherwise its stream is listened to. */
	direct: boolean;
	say: Say;
	/** Milliseconds that the model may say nothing. */
	idleMs: number;
	/** A turn is about to begin, with what the model is going to be given. */
	onturn: (request: ModelRequest) => void;
	/** The model has written a call; a tool is going to be run for it. */
	oncall: (callId: string, name: string) => void;
	/** What the model has said in this run before, when it goes on after a pause. */
	before?: SoFar | undefined;
}

/** What must be known of the turns before to go on, as it can be stored. */
export interface SoFar {
	turns: number;
	usage: Usage;
	spoke: boolean;
	/** Ids that are taken. */
	calls: string[];
	urls: string[];
}

/** Thrown to end a run whose model may not say more. What was said stands. */
export class LimitReached extends Error {}

/**
 * A model for one run, which is heard while it speaks: what it says goes straight to the reader,
 * and the SDK learns of each turn only what it came to.
 */
export class HeardModel implements Model {
	/** What all turns took together. */
	readonly usage: Usage;
	/** Text was said, in any turn. */
	spoke: boolean;

	readonly #inner: Model;
	readonly #options: HeardModelOptions;
	readonly #ids: Ids;
	#turns: number;
	#hear: Hear = deaf;

	constructor(options: HeardModelOptions) {
		const { turns = 0, usage, spoke = false, calls, urls } = options.before ?? {};
		this.usage = { ...(usage ?? { inputTokens: 0, outputTokens: 0, totalTokens: 0 }) };
		this.spoke = spoke;
		this.#turns = turns;
		this.#ids = { calls: new Set(calls), urls: new Set(urls) };
		this.#options = options;
		this.#inner = options.make((event) => {
			this.#hear(event);
		});
	}

	get soFar(): SoFar {
		const { calls, urls } = this.#ids;
		const { usage, spoke } = this;
		return { turns: this.#turns, usage, spoke, calls: [...calls], urls: [...urls] };
	}

	async getResponse(request: ModelRequest): Promise<ModelResponse> {
		for await (const event of this.getStreamedResponse(request)) {
			if (event.type !== 'response_done') continue;
			const { id, output, usage } = event.response;
			return { usage: new SdkUsage(usage), output, responseId: id };
		}
		throw brokenOff();
	}

	async *getStreamedResponse(request: ModelRequest): AsyncGenerator<StreamEvent> {
		const { say, onturn } = this.#options;
		onturn(request);
		const handoffs = new Set(request.handoffs.map((handoff) => handoff.toolName));
		const turn = new Turn(++this.#turns, say, this.#ids, handoffs);
		say({ type: 'turn-start', turn: turn.number });
		let response: Done;
		try {
			const done = await this.#listen(turn, request);
			if (request.signal?.aborted) return;
			if (done) turn.usage = usageOf(done);
			if (turn.limited) throw limit(turn, this.spoke);
			if (!done) throw brokenOff();
			response = this.#settle(turn, done);
		} finally {
			turn.close();
			this.#add(turn.usage);
			say({ type: 'turn-end', turn: turn.number, ...(turn.usage ? { usage: turn.usage } : {}) });
		}
		yield { type: 'response_done', response };
	}

	/** Listens until the model has come to an end, or has been silent for too long. */
	async #listen(turn: Turn, request: ModelRequest): Promise<Done | undefined> {
		const { dialect, direct, idleMs } = this.#options;
		const giveUp = new AbortController();
		const signals = request.signal ? [request.signal, giveUp.signal] : [giveUp.signal];
		const idle = setTimeout(() => {
			turn.failure ??= tooQuiet(idleMs);
			giveUp.abort();
		}, idleMs);
		this.#hear = (event) => {
			idle.refresh();
			dialect(event, turn);
			if (turn.failure) giveUp.abort();
		};

		let done: Done | undefined;
		try {
			const heard = { ...request, signal: AbortSignal.any(signals) };
			for await (const event of this.#inner.getStreamedResponse(heard)) {
				if (event.type === 'response_done') done = event.response;
				if (event.type === 'model' && !direct) this.#hear(event.event);
			}
		} catch (cause) {
			if (!turn.limited && !turn.failure && !request.signal?.aborted) throw cause;
		} finally {
			clearTimeout(idle);
			this.#hear = deaf;
			this.spoke ||= turn.spoke;
		}
		if (turn.failure) throw turn.failure;
		return done;
	}

	/** Says what is known only now, and gives the SDK the answer with the run's own call ids. */
	#settle(turn: Turn, done: Done): Done {
		if (!turn.spoke) sayUnheardText(turn, done);
		this.spoke ||= turn.spoke;
		turn.close();

		const output = done.output.map((item) => {
			if (item.type !== 'function_call') return item;
			const call = turn.settleCall(item.callId, item.name, item.arguments);
			if (!call.handoff) this.#options.oncall(call.callId, call.name);
			return { ...item, callId: call.callId };
		});
		const silent = !turn.spoke && turn.calls.length === 0;
		if (silent && !output.some((item) => item.type === 'message')) {
			throw new RunFailure('model-failed', 'The model answered with nothing. Ask again.', true);
		}
		return { ...done, output };
	}

	#add(usage: Usage | undefined): void {
		this.usage.inputTokens += usage?.inputTokens ?? 0;
		this.usage.outputTokens += usage?.outputTokens ?? 0;
		this.usage.totalTokens += usage?.totalTokens ?? 0;
	}
}

function usageOf({ usage: { inputTokens, outputTokens, totalTokens } }: Done): Usage {
	return { inputTokens, outputTokens, totalTokens };
}

/** Text that came only with the end of the answer, from servers that do not stream it. */
function sayUnheardText(turn: Turn, done: Done): void {
	for (const item of done.output) {
		if (item.type !== 'message') continue;
		for (const content of item.content) {
			if (content.type === 'output_text') turn.text('late', content.text);
			if (content.type === 'refusal') turn.text('late', content.refusal);
		}
	}
}

function limit(turn: Turn, spoke: boolean): Error {
	if (!turn.filtered || spoke) return new LimitReached();
	return new RunFailure('model-refused', 'The provider’s filter withheld the answer.', false);
}

function deaf(): void {
	// between turns nobody listens
}
