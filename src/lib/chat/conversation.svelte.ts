import { untrack } from 'svelte';
import type { ConversationView } from '#lib/protocol/conversations.ts';
import type { Numbered } from '#lib/protocol/events.ts';
import { fold } from '#lib/protocol/fold.ts';
import type { Message, UserMessage } from '#lib/protocol/messages.ts';
import { followRun, type RunFrom, RunLost } from './follow-run.ts';
import { insistOnAnswer } from './insist-on-answer.ts';
import { insist } from './insist.ts';
import { newId } from './new-id.ts';
import { onnews } from './on-news.ts';
import { PerFrame } from './per-frame.ts';
import { type Question, Refused, type Server, Unreachable } from './server.ts';
import { actual, type Surroundings } from './surroundings.ts';
import { type Trouble, troubleOf } from './trouble.ts';

/** `waiting`: asked, and nothing came yet; `lost`: the connection is being made anew. */
export type ConversationStatus = 'idle' | 'waiting' | 'streaming' | 'lost';

/** Called once: with nothing when the server took the question, else with why it did not. */
type Decide = (refused?: { cause: unknown }) => void;

/**
 * One conversation as the page holds it: what was said, and whether a reply is under way. Other
 * tabs may read and change it meanwhile; what the server says wins.
 */
export class Conversation {
	/** Unknown until the first question was taken. */
	id: string | undefined = $state.raw();
	/** Unknown until the conversation was loaded. */
	title: string | undefined = $state.raw();
	messages: Message[] = $state([]);
	status: ConversationStatus = $state('idle');
	/** Why the last thing that was asked for did not happen. What befell a reply is in the reply. */
	failure: Trouble | undefined = $state.raw();
	readonly busy = $derived(this.status !== 'idle');

	readonly #server: Server;
	readonly #surroundings: Surroundings;
	readonly #frames: PerFrame<Numbered>;
	#attempt = new AbortController();
	#settled: Promise<void> = Promise.resolve();
	/** The run that is listened to, once it is known. */
	#runId: string | undefined;
	/** A run under way that nobody here listens to yet. */
	#openRun: string | undefined;
	#wish: 'stop' | 'leave' | undefined;
	#forget: (() => void) | undefined;
	/** A question that may or may not have arrived: the same words must not make a second run. */
	#undecided: { text: string; key: string } | undefined;

	constructor(server: Server, view?: ConversationView, surroundings: Surroundings = actual) {
		this.#server = server;
		this.#surroundings = surroundings;
		this.#frames = new PerFrame((events) => {
			for (const event of events) fold(this.messages, event);
			this.status = 'streaming';
		}, surroundings);
		if (view) this.#show(view);
	}

	/**
	 * Asks. Resolves when it is decided: true, the server has the question; false, it has not, the
	 * text is the caller's again and `failure` says why.
	 */
	async send(text: string): Promise<boolean> {
		if (this.busy) return false;

		const key = this.#undecided?.text === text ? this.#undecided.key : newId();
		this.#undecided = undefined;
		this.messages.push(userMessage(text, this.messages.at(-1)?.id));
		return this.#ask({ conversationId: this.id, text }, key, (cause) => {
			this.messages.pop();
			if (!(cause instanceof Refused)) this.#undecided = { text, key };
		});
	}

	/** Asks the last question again; the new answer takes the place of the old one. */
	async retry(): Promise<boolean> {
		const question = this.messages.findLastIndex((message) => message.role === 'user');
		if (this.busy || question === -1) return false;

		const replies = this.messages.splice(question + 1);
		// the server gave the question an id of its own, so its reply has to stand for it
		const parentId = replies.at(-1)?.id;
		return this.#ask({ conversationId: this.id, parentId }, newId(), () => {
			this.messages.push(...replies);
		});
	}

	/** Ends the run; what was said stays. May be called before anything came. */
	async stop(): Promise<void> {
		if (!this.busy) return;
		if (this.#runId) await this.#stop(this.#runId);
		else if (this.status === 'lost') this.#attempt.abort();
		else this.#wish = 'stop';
	}

	/**
	 * Decides what a reply asked for, which then goes on. True when it is decided, by whomever; false
	 * when it is not, and `failure` says why.
	 */
	async answer(approvalId: string, approved: boolean): Promise<boolean> {
		const reply = this.messages.at(-1);
		if (reply?.role !== 'assistant') return false;
		this.failure = undefined;
		const { signal } = this.busy ? this.#attempt : new AbortController();
		const { runId } = reply;
		try {
			const answer = () => this.#server.answer(runId, approvalId, { approved });
			await insistOnAnswer(answer, signal, this.#surroundings);
		} catch (cause) {
			this.failure = troubleOf(cause);
			return false;
		}
		if (this.id) this.#surroundings.tell(this.id);
		void this.refresh();
		return !signal.aborted;
	}

	/**
	 * Begins to listen: goes on with a reply that is under way, and looks for news whenever the page
	 * can be seen again or another tab says that there are some. Ends with `leave`.
	 */
	resume(): void {
		this.#forget ??= onnews(this.#surroundings, (id) => {
			if (id === undefined || id === this.id) void this.refresh();
		});
		const runId = this.#openRun;
		if (!runId || this.#nowBusy()) return;
		this.status = 'streaming';
		this.#listen({ runId, after: untrack(() => this.#seqOf(runId)) });
	}

	/** Shows what others said meanwhile, and goes on with a reply that is under way. */
	async refresh(): Promise<void> {
		const id = untrack(() => this.id);
		if (this.#nowBusy() || id === undefined) return;
		const view = await this.#server.conversation(id).catch((cause: unknown) => {
			troubleOf(cause); // what is shown stays: nobody asked for this, and the next look may succeed
		});
		if (!view || this.#nowBusy()) return;
		if (view.runs.length > 0 || isNews(this.messages, view.messages)) this.#show(view);
		this.resume();
	}

	/** Stops listening, as the page goes away; the run goes on without us. */
	leave(): void {
		this.#forget?.();
		this.#forget = undefined;
		// a question on its way is let through first
		if (untrack(() => this.status) === 'waiting') this.#wish = 'leave';
		else this.#attempt.abort();
	}

	/** Resolves when nothing is under way any more. */
	settled(): Promise<void> {
		return this.#settled;
	}

	#ask(question: Question, key: string, takeBack: (cause: unknown) => void): Promise<boolean> {
		this.failure = undefined;
		this.status = 'waiting';
		return new Promise((resolve) => {
			this.#listen({ question, key }, (refused) => {
				if (refused) takeBack(refused.cause);
				resolve(!refused);
			});
		});
	}

	#listen(from: RunFrom, decide?: Decide): void {
		this.#attempt = new AbortController();
		this.#wish = undefined;
		this.#settled = this.#follow(from, decide).finally(() => {
			this.#attempt.abort();
			this.#openRun = this.#runId;
			this.#runId = undefined;
			this.status = 'idle';
		});
	}

	/** Listens until the run is over, through whatever a fresh look at the conversation can mend. */
	async #follow(start: RunFrom, decide?: Decide): Promise<void> {
		let from: RunFrom | undefined = start;
		while (from) {
			try {
				await this.#hear(from, decide);
				return;
			} catch (cause) {
				this.#frames.flush();
				decide?.({ cause });
				from = await this.#mend(cause, from);
			}
		}
	}

	async #hear(from: RunFrom, decide?: Decide): Promise<void> {
		const { signal } = this.#attempt;
		this.#runId = 'runId' in from ? from.runId : undefined;
		const onlost = () => {
			this.#frames.flush();
			this.status = 'lost';
			if (!this.#runId && this.#wish) this.#attempt.abort();
		};
		const options = { signal, onlost, surroundings: this.#surroundings };

		for await (const batch of followRun(this.#server, from, options)) {
			const [first] = batch;
			if (first?.type === 'run-start') {
				this.id = first.conversationId;
				this.#runId = first.runId;
				if (decide) this.#surroundings.tell(first.conversationId);
				decide?.();
				if (this.#wish === 'stop') void this.#stop(first.runId);
				if (this.#wish === 'leave') this.#attempt.abort();
			}
			if (this.status === 'lost') this.status = this.#runId ? 'streaming' : 'waiting';
			this.#frames.push(batch);
		}
		this.#frames.flush();
		if (!this.#runId) throw new Unreachable('Given up before the server answered.');
		if (!signal.aborted) this.#runId = undefined; // over, so there is nothing to go on with
	}

	/** Where to go on after something went wrong; undefined when that is for the person to know. */
	async #mend(cause: unknown, from: RunFrom): Promise<RunFrom | undefined> {
		this.#runId = undefined;
		const lost = cause instanceof RunLost;
		const elsewhere = cause instanceof Refused && cause.code === 'conversation-busy';
		if (!lost && !this.#attempt.signal.aborted) this.failure = troubleOf(cause);
		if (!this.id || !(lost || elsewhere)) return undefined;

		try {
			this.#show(await this.#server.conversation(this.id));
		} catch (reason) {
			this.failure = troubleOf(reason);
			return undefined;
		}
		const runId = this.#openRun;
		if (!runId || this.#attempt.signal.aborted) return undefined;
		const after = this.#seqOf(runId);
		if (lost && 'runId' in from && from.runId === runId && from.after === after) {
			this.failure = { code: 'lost', message: cause.message, retryable: false };
			return undefined;
		}
		this.status = 'streaming';
		return { runId, after };
	}

	async #stop(runId: string): Promise<void> {
		const { signal } = this.#attempt;
		try {
			await insist(() => this.#server.stop(runId), signal, this.#surroundings);
		} catch (cause) {
			this.failure = troubleOf(cause);
		}
	}

	#show(view: ConversationView): void {
		this.id = view.id;
		this.title = view.title;
		this.messages = view.messages;
		this.#openRun = view.runs[0]?.id;
	}

	/** The last event of a run that is in the messages. */
	#seqOf(runId: string): number {
		const reply = this.messages.at(-1);
		return reply?.role === 'assistant' && reply.runId === runId ? reply.seq : 0;
	}

	/** `busy` at this moment; an effect that calls us must not be called again because of it. */
	#nowBusy(): boolean {
		return untrack(() => this.busy);
	}
}

function userMessage(text: string, parentId: string | undefined): UserMessage {
	const parts = [{ type: 'text' as const, id: 'text', seq: 0, text, closed: true }];
	return { id: newId(), role: 'user', parentId, createdAt: Date.now(), parts };
}

function isNews(shown: Message[], said: Message[]): boolean {
	const [mine, theirs] = [shown.at(-1), said.at(-1)];
	if (shown.length !== said.length || mine?.id !== theirs?.id) return true;
	return mine?.role === 'assistant' && theirs?.role === 'assistant' && mine.seq !== theirs.seq;
}
