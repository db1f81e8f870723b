import type { ConversationView } from '#lib/protocol/conversations.ts';
import type { Numbered, RunEvent } from '#lib/protocol/events.ts';
import {
	type Decision,
	type Listening,
	type Question,
	type RunStream,
	type Server,
	Unreachable
} from './server.ts';
import { actual, type Surroundings } from './surroundings.ts';

/** Numbers events from 1, or after the event `after`. */
export function numbered(events: RunEvent[], after = 0): Numbered[] {
	return events.map((event, index) => ({ ...event, seq: after + index + 1 }));
}

/**
 * A server for tests, without a network: the test says what each run says, and when. Its runs keep
 * their events, so they can be followed from anywhere, by many at once.
 */
export class ScriptedServer implements Server {
	/** The runs there are, the newest last. */
	readonly runs: ScriptedRun[] = [];
	/** What was asked for, in order. */
	readonly asked: { question: Question; key: string }[] = [];
	readonly stopped: string[] = [];
	/** What was decided, in order. */
	readonly decided: { runId: string; approvalId: string; decision: Decision }[] = [];
	/** What `conversation` answers. */
	view: ConversationView | undefined;
	/** Thrown instead of an answer to the next `start` or `answer`, the first of them first. */
	readonly refusals: Error[] = [];
	readonly #byKey = new Map<string, ScriptedRun>();

	/** The run that was begun last. */
	get run(): ScriptedRun {
		const run = this.runs.at(-1);
		if (!run) throw new Error('Nothing was asked yet.');
		return run;
	}

	/** A run that is under way although nobody asked for it here. */
	begin(id: string, ...events: RunEvent[]): ScriptedRun {
		const run = new ScriptedRun(id);
		this.runs.push(run);
		run.say(...events);
		return run;
	}

	async start(question: Question, key: string, listening: Listening): Promise<RunStream> {
		await Promise.resolve();
		this.asked.push({ question, key });
		const refusal = this.refusals.shift();
		if (refusal) throw refusal;

		const run = this.#byKey.get(key) ?? this.begin(`run-${String(this.runs.length + 1)}`);
		this.#byKey.set(key, run);
		return run.stream(0, listening.signal);
	}

	async follow(runId: string, after: number, listening: Listening): Promise<RunStream | undefined> {
		await Promise.resolve();
		const run = this.runs.find(({ id }) => id === runId);
		if (!run) throw new Error(`No run ${runId} was begun.`);
		return run.over && after >= run.lastSeq ? undefined : run.stream(after, listening.signal);
	}

	async stop(runId: string): Promise<void> {
		await Promise.resolve();
		this.stopped.push(runId);
	}

	async answer(runId: string, approvalId: string, decision: Decision): Promise<void> {
		await Promise.resolve();
		this.decided.push({ runId, approvalId, decision });
		const refusal = this.refusals.shift();
		if (refusal) throw refusal;
	}

	async conversation(): Promise<ConversationView> {
		await Promise.resolve();
		if (!this.view) throw new Unreachable('The test gave no conversation.');
		return structuredClone(this.view);
	}
}

/** A run of a `ScriptedServer`. */
export class ScriptedRun {
	readonly id: string;
	readonly messageId: string;
	over = false;
	#events: Numbered[] = [];
	#cuts = 0;
	#changed = Promise.withResolvers<undefined>();

	constructor(id: string) {
		this.id = id;
		this.messageId = `reply-${id}`;
	}

	get lastSeq(): number {
		return this.#events.length;
	}

	/** Says these events, all in one batch to those who listen. */
	say(...events: RunEvent[]): void {
		this.#events.push(...numbered(events, this.lastSeq));
		this.#change();
	}

	/** Says the first event of a run. */
	start(conversationId = 'c1'): void {
		const { id: runId, messageId } = this;
		this.say({ type: 'run-start', runId, conversationId, messageId, agent: 'test', model: 'test' });
	}

	/** Says these words as one part of text. */
	text(...words: string[]): void {
		const partId = `text-${String(this.lastSeq)}`;
		this.say({ type: 'text-start', partId });
		for (const delta of words) this.say({ type: 'text-delta', partId, delta });
		this.say({ type: 'text-end', partId });
	}

	/** Says the last event of a run. */
	end(reason: 'done' | 'stopped' | 'limit' = 'done'): void {
		this.over = true;
		const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
		this.say({ type: 'run-end', reason, usage, durationMs: 5 });
	}

	/** Cuts every connection; what was said can be followed again. */
	cut(): void {
		this.#cuts++;
		this.#change();
	}

	async *stream(after: number, signal: AbortSignal): RunStream {
		const cuts = this.#cuts;
		const change = () => {
			this.#change();
		};
		signal.addEventListener('abort', change);
		for (let next = after, first = true; ; first = false) {
			const changed = this.#changed.promise;
			const gone = this.#cuts > cuts;
			const batch = this.#events.slice(next);
			next = this.lastSeq;
			if (batch.length > 0 || first) yield batch;
			if (gone || signal.aborted) throw new Unreachable('The connection was cut.');
			if (this.over && next === this.lastSeq) return;
			if (next === this.lastSeq) await changed;
		}
	}

	#change(): void {
		this.#changed.resolve(undefined);
		this.#changed = Promise.withResolvers();
	}
}

/** Surroundings in which a test is the clock: nothing happens unless it says so. */
export class ScriptedSurroundings implements Surroundings {
	#now = 0;
	#timers = new Set<{ at: number; callback: () => void }>();
	#frames = new Set<() => void>();
	#wakers = new Set<(reason: 'online' | 'visible') => void>();
	#hiders = new Set<() => void>();
	#listeners = new Set<(conversationId: string) => void>();
	/** The conversations that other tabs were told of. */
	readonly told: string[] = [];
	chance = 1;
	/** Timers stand still, as on a laptop that sleeps. */
	asleep = false;
	/** How long each of the waits was that were asked for, in order. */
	readonly waits: number[] = [];

	readonly now = (): number => this.#now;
	readonly random = (): number => this.chance;

	readonly after = (milliseconds: number, callback: () => void): (() => void) => {
		this.waits.push(milliseconds);
		return keep(this.#timers, { at: this.#now + milliseconds, callback });
	};
	readonly onframe = (callback: () => void): (() => void) => keep(this.#frames, callback);
	readonly onhide = (callback: () => void): (() => void) => keep(this.#hiders, callback);
	readonly onwake = (callback: (reason: 'online' | 'visible') => void): (() => void) =>
		keep(this.#wakers, callback);

	readonly tell = (conversationId: string): void => void this.told.push(conversationId);
	readonly ontold = (callback: (conversationId: string) => void): (() => void) =>
		keep(this.#listeners, callback);

	/** Another tab tells. */
	async hear(conversationId: string): Promise<void> {
		for (const callback of [...this.#listeners]) callback(conversationId);
		await settle();
	}

	/** Lets time pass, and what came of it happen. */
	async pass(milliseconds: number): Promise<void> {
		this.#now += milliseconds;
		for (const timer of [...this.#timers]) {
			if (!this.asleep && timer.at <= this.#now && this.#timers.delete(timer)) timer.callback();
		}
		await settle();
	}

	/** The page is painted. */
	async frame(): Promise<void> {
		await settle();
		const due = [...this.#frames];
		this.#frames.clear();
		for (const callback of due) callback();
	}

	async wake(reason: 'online' | 'visible'): Promise<void> {
		for (const callback of [...this.#wakers]) callback(reason);
		await settle();
	}

	hide(): void {
		for (const callback of [...this.#hiders]) callback();
	}
}

/** Surroundings as they are, but for back-off, which takes no time. */
export const impatient: Surroundings = {
	...actual,
	after: (milliseconds, callback) =>
		actual.after(milliseconds > 15_000 ? milliseconds : 0, callback)
};

/** Lets everything happen that needs no time. */
export function settle(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve));
}

function keep<T>(set: Set<T>, item: T): () => void {
	set.add(item);
	return () => set.delete(item);
}
