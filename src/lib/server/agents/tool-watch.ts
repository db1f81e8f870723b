import type { ModelRequest, Runner } from '@openai/agents';
import type { Say } from './answer.ts';
import { parsed } from './turn.ts';

/** What tools tell the run they work for; the SDK hands it to them as their context. */
export interface ToolContext {
	/**
	 * The call failed; `message` is what the model is told and the reader too. The SDK does not name
	 * the call when its arguments were invalid: it is known by the message then.
	 */
	failed(callId: string | undefined, message: string): void;
	/** The call has changed a file. */
	changed(callId: string, diff: FileDiff): void;
}

/** How a file was changed; `patch` is a unified diff, `added` and `removed` count lines. */
export interface FileDiff {
	path: string;
	patch: string;
	added: number;
	removed: number;
}

/** A call that has not come to an end. */
export interface OpenCall {
	callId: string;
	name: string;
}

/** Says how each tool call of one run ends, at the moment it ends. */
export class ToolWatch {
	/** A plain object, because the SDK stores the context with the state of a run that pauses. */
	readonly context: ToolContext = {
		failed: (callId, message) => {
			this.#failures.set(callId ?? message, message);
		},
		changed: (callId, diff) => {
			this.#say({ type: 'tool-diff', callId, ...diff });
		}
	};

	readonly #say: Say;
	readonly #failures = new Map<string, string>();
	/** Calls that have not come to an end, with the time they began. */
	readonly #open = new Map<string, { name: string; since: number }>();

	constructor(say: Say) {
		this.#say = say;
	}

	get open(): OpenCall[] {
		return Array.from(this.#open, ([callId, { name }]) => ({ callId, name }));
	}

	/** A person did not allow the call. */
	denied(callId: string, reason: string | undefined): void {
		const { name } = this.#open.get(callId) ?? {};
		this.#open.delete(callId);
		this.#say({
			...{ type: 'tool-denied', callId },
			...(name === undefined ? {} : { name }),
			...(reason === undefined ? {} : { reason })
		});
	}

	/** The model has written a call. */
	expect(callId: string, name: string): void {
		this.#open.set(callId, { name, since: performance.now() });
	}

	/** Listens to a runner that serves this run alone. */
	watch(runner: Runner): void {
		runner.on('agent_tool_start', (_context, _agent, { name }, { toolCall }) => {
			if ('callId' in toolCall) this.expect(toolCall.callId, name);
		});
		runner.on('agent_tool_end', (_context, _agent, _tool, result, { toolCall }) => {
			if ('callId' in toolCall) this.#ended(toolCall.callId, result);
		});
		runner.on('agent_handoff', (_context, from, to) => {
			this.#say({ type: 'agent-switch', from: from.name, to: to.name });
		});
	}

	/** A turn begins: a call that no tool took has come back with the SDK's own words. */
	settle(request: ModelRequest): void {
		if (this.#open.size === 0 || typeof request.input === 'string') return;
		for (const item of request.input) {
			if (item.type !== 'function_call_result') continue;
			const call = this.#open.get(item.callId);
			if (!call) continue;
			this.#failures.set(item.callId, `There is no tool called “${call.name}”.`);
			this.#ended(item.callId, '');
		}
	}

	#ended(callId: string, result: string): void {
		const call = this.#open.get(callId);
		if (!call) return;
		this.#open.delete(callId);
		const { name, since } = call;
		const durationMs = Math.round(performance.now() - since);
		const message = this.#failures.get(callId) ?? this.#failures.get(result);
		if (message === undefined) {
			this.#say({ type: 'tool-end', callId, name, output: parsed(result), durationMs });
		} else {
			this.#say({ type: 'tool-error', callId, name, message, durationMs });
		}
	}
}
