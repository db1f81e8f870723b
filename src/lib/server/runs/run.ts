import type { Paused } from '#lib/server/agents/answer.ts';
import type { Append, EndStatus, Pause } from '#lib/server/store/store.ts';
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
import { chop, continues, type Delta, MAX_DELTA, partOf, sizeOf } from './deltas.ts';
import { HalfPairs } from './half-pairs.ts';

/** How much of its newest events a run keeps in memory for live followers, in UTF-16 units. */
const MAX_TAIL = 64 * 1024;

/** What shows nothing by itself: it may wait for what it goes around, which spares a commit. */
const FRAMES = /^(turn|text|reasoning)-(start|end)$/;
/** One for all runs: making one takes down the stack, which costs more than the rest of an end. */
const OVER = new DOMException('The run is over.', 'AbortError');

type End = Extract<RunEvent, { type: 'run-end' | 'run-error' }>;
type PartKind = 'text' | 'reasoning';

/** A run that is taken up, from its first event or after a pause. */
export interface RunInit {
	epoch: number;
	/** The reply as far as it is committed. */
	message: AssistantMessage;
	/** The last committed event. */
	last: Numbered;
	/** What the run took before it paused. */
	before?: Spent | undefined;
	/** Is told that something waits to be committed, and whether at once. */
	onchange: (run: Run, urgent: boolean) => void;
	/** Is told that there is more to read, or that no more will come. */
	ongrow: (run: Run) => void;
}

export interface Spent {
	usage: Usage;
	durationMs: number;
}

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

	/** Aborts when no more events will come from here: the end or a pause is on disk, or it is lost. */
	readonly closed: AbortSignal;

	readonly #onchange: RunInit['onchange'];
	readonly #ongrow: RunInit['ongrow'];
	readonly #startedAt: number;
	readonly #over = new AbortController();
	readonly #closed = new AbortController();
	readonly #open = new Map<string, PartKind>();
	readonly #halfPairs = new HalfPairs();
	readonly #usage: Usage;
	#pending: Numbered[] = [];
	#tail: Numbered[];
	#tailSize = 0;
	#said: number;
	#last: Utterance | undefined;
	#mute = false;
	#pause: Pause | undefined;

	constructor({ epoch, message, last, before, onchange, ongrow }: RunInit) {
		this.id = message.runId;
		this.epoch = epoch;
		this.message = message;
		this.#tail = [last];
		this.#said = last.seq;
		this.#startedAt = performance.now() - (before?.durationMs ?? 0);
		this.#usage = { ...(before?.usage ?? { inputTokens: 0, outputTokens: 0, totalTokens: 0 }) };
		this.#onchange = onchange;
		this.#ongrow = ongrow;
		this.signal = this.#over.signal;
		this.closed = this.#closed.signal;
	}

	/** The number of the last committed event. */
	get seq(): number {
		return this.message.seq;
	}

	/** It is about to wait for a person. */
	get pausing(): boolean {
		return this.#pause !== undefined;
	}

	/** Takes what the agent says. Deltas of one part are merged until they are committed. */
	say = (utterance: Utterance): void => {
		if (this.#mute) return;
		if ('delta' in utterance) {
			this.#sayDelta(utterance, this.#halfPairs.take(utterance));
			return;
		}
		if (endsDeltas(utterance)) this.#sayHalves(partOf(utterance));
		this.#track(utterance);
		this.#last = utterance;
		this.#push(utterance);
		this.#onchange(this, !FRAMES.test(utterance.type));
	};

	/** Asks a person to decide, and goes silent: another run object goes on from here. */
	pause({ state, usage, approvals }: Paused): void {
		if (this.#mute) return;
		this.#silence();
		const spent: Spent = { usage, durationMs: this.#age() };
		this.#pause = { state: packState(state, spent), approvals };
		for (const { id: approvalId, callId } of approvals) {
			this.#push({ type: 'approval-request', approvalId, callId });
		}
		this.#push({ type: 'run-pause', reason: 'approval' });
		this.#onchange(this, true);
	}

	/** A person wants it to end, which also ends a pause that is not on disk yet. */
	stop(): void {
		if (this.#pause) {
			this.#pause = undefined;
			this.#mute = false;
		}
		this.end('stopped');
	}

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
		this.#over.abort(OVER);
		this.#closed.abort(OVER);
		this.#ongrow(this);
	}

	/** Hands over what waits to be committed. */
	take(): Append | undefined {
		const events = this.#pending;
		const last = events.at(-1);
		if (!last) return;
		this.#pending = [];
		const append = { runId: this.id, epoch: this.epoch, events };
		const pause = this.#pause;
		if (!pause && !isTerminal(last)) return append;

		const message = structuredClone(this.message);
		for (const event of events) foldInto(message, event);
		const now = Date.now();
		if (pause) return { ...append, pause: { pause, message, now } };
		if (!isTerminal(last)) return append;
		return { ...append, end: { status: statusAfter(last), message, now } };
	}

	/** What was taken is on disk: it may be seen. */
	committed(events: Numbered[]): void {
		for (const event of events) {
			foldInto(this.message, event);
			this.#tail.push(event);
			this.#tailSize += sizeOf(event);
			if (isTerminal(event) || (event.type === 'run-pause' && this.#pause))
				this.#closed.abort(OVER);
		}
		if (this.#tailSize > 2 * MAX_TAIL) this.#trim();
		this.#ongrow(this);
	}

	/** Committed events after `after` from memory; undefined when they go back further than it. */
	recent(after: number): Numbered[] | undefined {
		const first = this.#tail[0]?.seq ?? 1;
		if (after < first - 1) return;
		return this.#tail.slice(after - first + 1);
	}

	#sayHalves(part?: string): void {
		for (const half of this.#halfPairs.end(part)) this.#sayDelta(half, half.delta);
	}

	#sayDelta(utterance: Delta, text: string): void {
		if (text === '') return;
		const first = !this.#last || !continues(this.#last, utterance);
		this.#last = utterance;
		for (const delta of chop(text)) {
			const last = this.#pending.at(-1);
			if (last && continues(last, utterance) && last.delta.length + delta.length <= MAX_DELTA) {
				last.delta += delta;
			} else {
				this.#push({ ...utterance, delta });
				this.#onchange(this, first);
			}
		}
	}

	#end(end: End): void {
		if (this.#mute) return;
		this.#silence();
		this.#push(end);
		this.#onchange(this, true);
	}

	/** Hears nothing more, and closes what is open. */
	#silence(): void {
		this.#mute = true;
		this.#sayHalves();
		for (const event of closeParts(this.#open)) this.#push(event);
		this.#open.clear();
		this.#over.abort(OVER);
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
}

/** After these no more deltas of their part or call come. */
function endsDeltas(
	utterance: Utterance
): utterance is Extract<Utterance, { type: 'text-end' | 'reasoning-end' | 'tool-input' }> {
	return /^(text-end|reasoning-end|tool-input)$/.test(utterance.type);
}

/** The events that end these parts. */
export function* closeParts(open: Iterable<[string, PartKind]>): Generator<Utterance> {
	for (const [partId, kind] of open) yield { type: `${kind}-end`, partId };
}

/** What a paused run needs to go on, as it is stored: the agent's part of it, and what it took. */
function packState(state: string, spent: Spent): string {
	return JSON.stringify({ state, ...spent });
}

/** Takes apart what a run stored when it paused. */
export function unpackState(packed: string): { state: string } & Spent {
	return JSON.parse(packed) as { state: string } & Spent;
}

/** What a run is after its last event. */
export function statusAfter(end: End): EndStatus {
	if (end.type === 'run-error') return end.code === 'interrupted' ? 'interrupted' : 'failed';
	return end.reason === 'stopped' ? 'stopped' : 'done';
}
