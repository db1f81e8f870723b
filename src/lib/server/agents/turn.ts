import type { Usage, Utterance } from '#lib/protocol/events.ts';
import type { RunFailure, Say } from './answer.ts';

/** A call that the model began to write. */
export interface Call {
	/** Unique within the run; the model server's own id where that is. */
	callId: string;
	/** What the model server calls it; may be empty, and may repeat. */
	upstreamId: string;
	name: string;
	/** A hand-off looks like a tool to the model, but is none to the reader. */
	handoff: boolean;
	/** The arguments are complete. */
	settled: boolean;
}

/** What is unique within one run, whatever a model server sends. */
export interface Ids {
	calls: Set<string>;
	urls: Set<string>;
}

/**
 * What the model says in one turn: the voice that every dialect speaks through. It opens and closes
 * the parts, so at most one is open, and gives out ids that are unique within the run.
 */
export class Turn {
	readonly number: number;
	readonly calls: Call[] = [];
	/** Text was said. */
	spoke = false;
	/** The model stopped because it may not say more. */
	limited = false;
	/** The provider's filter stopped the model. */
	filtered = false;
	usage: Usage | undefined;
	failure: RunFailure | undefined;

	readonly #say: Say;
	readonly #ids: Ids;
	readonly #handoffs: Set<string>;
	readonly #callsByKey = new Map<string, Call>();
	#open: { kind: 'text' | 'reasoning'; key: string; partId: string } | undefined;
	#parts = 0;

	constructor(number: number, say: Say, ids: Ids, handoffs: Set<string>) {
		this.number = number;
		this.#say = say;
		this.#ids = ids;
		this.#handoffs = handoffs;
	}

	/** `key` tells the parts of an answer apart: text with another key is another part. */
	text(key: string, delta: unknown): void {
		if (typeof delta !== 'string' || delta === '') return;
		this.spoke = true;
		this.#say({ type: 'text-delta', partId: this.#part('text', key), delta });
	}

	reasoning(key: string, delta: unknown): void {
		if (typeof delta !== 'string' || delta === '') return;
		this.#say({ type: 'reasoning-delta', partId: this.#part('reasoning', key), delta });
	}

	/** The model began a call; `key` is how the dialect finds it again. */
	beginCall(key: string, upstreamId: unknown, name: unknown): Call {
		this.close();
		const call: Call = {
			callId: this.#callId(upstreamId),
			upstreamId: typeof upstreamId === 'string' ? upstreamId : '',
			name: typeof name === 'string' ? name.slice(0, 200) : '',
			handoff: typeof name === 'string' && this.#handoffs.has(name),
			settled: false
		};
		this.calls.push(call);
		this.#callsByKey.set(key, call);
		const { callId, handoff } = call;
		if (!handoff) this.#say({ type: 'tool-start', callId, name: call.name });
		return call;
	}

	callInput(key: string, delta: unknown): void {
		const call = this.#callsByKey.get(key);
		if (!call || call.handoff || typeof delta !== 'string' || delta === '') return;
		this.#say({ type: 'tool-input-delta', callId: call.callId, delta });
	}

	knows(key: string): boolean {
		return this.#callsByKey.has(key);
	}

	/** The call is complete: says its arguments, and gives it with the id that it has in this run. */
	settleCall(upstreamId: string, name: string, written: string): Call {
		const begun = this.calls.find((call) => !call.settled && call.upstreamId === upstreamId);
		const call = begun ?? this.beginCall(`late ${upstreamId}`, upstreamId, name);
		call.settled = true;
		const { callId } = call;
		if (!call.handoff) this.#say({ type: 'tool-input', callId, name, input: parsed(written) });
		return call;
	}

	source(url: unknown, title: unknown): void {
		if (typeof url !== 'string' || !/^https?:\/\//i.test(url) || this.#ids.urls.has(url)) return;
		this.#ids.urls.add(url);
		const source: Utterance = { type: 'source', partId: this.#nextPart(), url };
		this.#say(typeof title === 'string' && title ? { ...source, title } : source);
	}

	/** Ends the part that is open, if one is. */
	close(): void {
		if (!this.#open) return;
		const { kind, partId } = this.#open;
		this.#open = undefined;
		this.#say({ type: `${kind}-end`, partId });
	}

	#part(kind: 'text' | 'reasoning', key: string): string {
		if (this.#open?.kind === kind && this.#open.key === key) return this.#open.partId;
		this.close();
		const partId = this.#nextPart();
		this.#open = { kind, key, partId };
		this.#say({ type: `${kind}-start`, partId });
		return partId;
	}

	#nextPart(): string {
		this.#parts += 1;
		return `${String(this.number)}.${String(this.#parts)}`;
	}

	#callId(upstreamId: unknown): string {
		const own = `call.${String(this.number)}.${String(this.calls.length + 1)}`;
		const usable = typeof upstreamId === 'string' && /^[\w.:-]{1,64}$/.test(upstreamId);
		const callId = usable && !this.#ids.calls.has(upstreamId) ? upstreamId : own;
		this.#ids.calls.add(callId);
		return callId;
	}
}

/** JSON as its value; anything else as it is. */
export function parsed(written: string): unknown {
	try {
		return JSON.parse(written);
	} catch {
		return written;
	}
}
