import type { Append, EndStatus } from '#lib/server/store/store.ts';
import {
	isTerminal,
	type EndReason,
	type Numbered,
	type RunEvent,
	type Usage,
	type Utterance
} from '#lib/protocol/events.ts';
import { foldInto } from '#lib/protocol/fold.ts';
import type { AssistantMessage, Failure } from '#lib/protocol/messages.ts';
import type { Wake } from './wake.ts';

/** A merged delta holds at most so many UTF-16 units, which are at most 16 kB as UTF-8. */
const MAX_DELTA = 5461;
/** How much of its newest events a run keeps in memory for live followers, in UTF-16 units. */
const MAX_TAIL = 64 * 1024;

type Delta = Extract<Utterance, { delta: string }>;
type End = Extract<RunEvent, { type: 'run-end' | 'run-error' }>;
type Changed = (run: Run, urgent: boolean) => void;
type PartKind = 'text' | 'reasoning';

/**
 * One run in the process that answers it: a log that grows until it ends.
 *
 * What is said waits as *pending* until it is committed; only then does it join the *tail* that
 * followers read and the message that it folds into. Nobody sees what is not on disk.
 */
export class Run {
	readonly id: string;
	readonly epoch: number;
	/** The reply as far as it is committed. */
	readonly message: AssistantMessage;
	/** Aborts when the run is over, for whatever reason: whoever answers can go home. */
	readonly signal: AbortSignal;

	/** Aborts when no more events will come: the end is on disk, or the run is lost. */
	readonly closed: AbortSignal;
	/** Who is to be told when there is more to read. */
	readonly wakes = new Set<Wake>();

	readonly #changed: Changed;
	readonly #startedAt = performance.now();
	readonly #over = new AbortController();
	readonly #closed = new AbortController();
	readonly #open = new Map<string, PartKind>();
	readonly #usage: Usage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 };
	#pending: Numbered[] = [];
	#tail: Numbered[];
	#tailSize = 0;
	#said: number;
	#last: Utterance | undefined;
	#mute = false;

	/** @param changed is told that something waits to be committed, and whether at once. */
	constructor(epoch: number, message: AssistantMessage, start: Numbered, changed: Changed) {
		this.id = message.runId;
		this.epoch = epoch;
		this.message = message;
		this.#tail = [start];
		this.#said = start.seq;
		this.#changed = changed;
		this.signal = this.#over.signal;
		this.closed = this.#closed.signal;
	}

	/** The number of the last committed event. */
	get seq(): number {
		return this.message.seq;
	}

	/** Takes what the agent says. Deltas of one part are merged until they are committed. */
	say = (utterance: Utterance): void => {
		if (this.#mute) return;
		if ('delta' in utterance) {
			this.#sayDelta(utterance);
			return;
		}
		this.#track(utterance);
		this.#last = utterance;
		this.#push(utterance);
		this.#changed(this, true);
	};

	/** Ends the run. Without a usage, that of its turns is added up. */
	end(reason: EndReason, usage: Usage = this.#usage): void {
		this.#end({ type: 'run-end', reason, usage, durationMs: this.#age() });
	}

	/** Ends the run because it failed; what was said stays. */
	fail({ code, message, retryable }: Failure): void {
		this.#end({ type: 'run-error', code, message, retryable, durationMs: this.#age() });
	}

	/** Somebody else has the run, or its log cannot be written: it goes silent without an end. */
	lose(): void {
		this.#mute = true;
		this.#pending = [];
		this.#over.abort();
		this.#closed.abort();
		this.#ring();
	}

	/** Hands over what waits to be committed. */
	take(): Append | undefined {
		const events = this.#pending;
		const last = events.at(-1);
		if (!last) return;
		this.#pending = [];
		if (!isTerminal(last)) return { runId: this.id, epoch: this.epoch, events };

		const message = structuredClone(this.message);
		for (const event of events) foldInto(message, event);
		const end = { status: statusAfter(last), message, now: Date.now() };
		return { runId: this.id, epoch: this.epoch, events, end };
	}

	/** What was taken is on disk: it may be seen. */
	committed(events: Numbered[]): void {
		for (const event of events) {
			foldInto(this.message, event);
			this.#tail.push(event);
			this.#tailSize += sizeOf(event);
			if (isTerminal(event)) this.#closed.abort();
		}
		if (this.#tailSize > 2 * MAX_TAIL) this.#trim();
		this.#ring();
	}

	/** Committed events after `after` from memory; undefined when they go back further than it. */
	recent(after: number): Numbered[] | undefined {
		const first = this.#tail[0]?.seq ?? 1;
		if (after < first - 1) return;
		return this.#tail.slice(after - first + 1);
	}

	#sayDelta(utterance: Delta): void {
		const first = !this.#last || !continues(this.#last, utterance);
		this.#last = utterance;
		for (const delta of chop(utterance.delta)) {
			const last = this.#pending.at(-1);
			if (last && continues(last, utterance) && last.delta.length + delta.length <= MAX_DELTA) {
				last.delta += delta;
			} else {
				this.#push({ ...utterance, delta });
				this.#changed(this, first);
			}
		}
	}

	/** Closes what is open, says the last event, and hears nothing more. */
	#end(end: End): void {
		if (this.#mute) return;
		this.#mute = true;
		for (const event of closeParts(this.#open)) this.#push(event);
		this.#push(end);
		this.#over.abort();
		this.#changed(this, true);
	}

	#age(): number {
		return Math.round(performance.now() - this.#startedAt);
	}

	#push(event: RunEvent): void {
		this.#pending.push({ ...event, seq: ++this.#said });
	}

	#track(utterance: Utterance): void {
		if (utterance.type === 'text-start') this.#open.set(utterance.partId, 'text');
		else if (utterance.type === 'reasoning-start') this.#open.set(utterance.partId, 'reasoning');
		else if (utterance.type === 'text-end' || utterance.type === 'reasoning-end') {
			this.#open.delete(utterance.partId);
		} else if (utterance.type === 'turn-end' && utterance.usage) {
			this.#usage.inputTokens += utterance.usage.inputTokens;
			this.#usage.outputTokens += utterance.usage.outputTokens;
			this.#usage.totalTokens += utterance.usage.totalTokens;
		}
	}

	#trim(): void {
		let from = 0;
		for (; this.#tailSize > MAX_TAIL && from < this.#tail.length - 1; from++) {
			this.#tailSize -= sizeOf(this.#tail[from] as Numbered);
		}
		this.#tail = this.#tail.slice(from);
	}

	#ring(): void {
		for (const wake of this.wakes) wake.ring();
	}
}

/** The events that end these parts. */
export function* closeParts(open: Iterable<[string, PartKind]>): Generator<Utterance> {
	for (const [partId, kind] of open) yield { type: `${kind}-end`, partId };
}

/** What a run is after its last event. */
export function statusAfter(end: End): EndStatus {
	if (end.type === 'run-error') return end.code === 'interrupted' ? 'interrupted' : 'failed';
	return end.reason === 'stopped' ? 'stopped' : 'done';
}

/** How much an event weighs in memory and on the wire, roughly, in UTF-16 units. */
export function sizeOf(event: Numbered): number {
	if ('delta' in event) return event.delta.length + 100;
	if (event.type === 'tool-end') return JSON.stringify(event.output ?? null).length + 200;
	if (event.type === 'tool-input') return JSON.stringify(event.input ?? null).length + 200;
	return event.type === 'tool-diff' ? event.patch.length + 200 : 200;
}

function continues<T extends RunEvent>(last: T, next: Delta): last is T & Delta {
	return last.type === next.type && partOf(last) === partOf(next);
}

function partOf(delta: Delta): string {
	return 'callId' in delta ? delta.callId : delta.partId;
}

/** Cuts a delta that is too long for one event, never inside a surrogate pair. */
function* chop(delta: string): Generator<string> {
	let from = 0;
	while (delta.length - from > MAX_DELTA) {
		const to = from + MAX_DELTA - (isHighSurrogate(delta.charCodeAt(from + MAX_DELTA - 1)) ? 1 : 0);
		yield delta.slice(from, to);
		from = to;
	}
	yield from === 0 ? delta : delta.slice(from);
}

function isHighSurrogate(unit: number): boolean {
	return unit >= 0xd800 && unit <= 0xdbff;
}
