import { createHash, randomUUID } from 'node:crypto';
import type {
	Cast,
	ConversationPage,
	ConversationView,
	RunView
} from '#lib/protocol/conversations.ts';
import { RunFailure, type Answer, type Question } from '#lib/server/agents/answer.ts';
import type { Failure, Message } from '#lib/protocol/messages.ts';
import type { Started, StartRefused, Store } from '#lib/server/store/store.ts';
import { Commits } from './commits.ts';
import { follow, type Follower } from './follow.ts';
import { INTERRUPTED, recover, replay } from './recover.ts';
import { Run } from './run.ts';

/** What a person or a program asks. Without a text, the question `parentId` names is asked again. */
export interface Ask {
	conversationId?: string | undefined;
	/** Make the conversation when the caller has none by that id. */
	create?: boolean | undefined;
	text?: string | undefined;
	/** The client's own id for its question, if it has one. */
	messageId?: string | undefined;
	parentId?: string | null | undefined;
	agent?: string | undefined;
	model?: string | undefined;
	/** What was said before, where the asker keeps the history: handed to the agent, not stored. */
	history?: Message[] | undefined;
	/** What the asker wants beside the agent's own instructions. */
	instructions?: string | undefined;
}

/** `repeated`: the key came before, so that this is the run of an earlier request. */
export interface StartedRun {
	runId: string;
	repeated: boolean;
}

export type AskRefusal = StartRefused['code'] | 'unknown-agent' | 'unknown-model' | 'shutting-down';

export interface RunsOptions {
	store: Store;
	answer: Answer;
	cast: Cast;
	/** How long deltas may wait for each other, in milliseconds. */
	flushMs: number;
}

/**
 * The runs of this process, and those that are over.
 *
 * A run belongs to the server, not to the request that started it: it goes on when everybody has
 * left, and anybody may follow it, from any point.
 */
export class Runs {
	readonly cast: Cast;
	readonly #store: Store;
	readonly #answer: Answer;
	readonly #commits: Commits;
	readonly #live = new Map<string, Run>();
	readonly #leaving = new AbortController();

	constructor({ store, answer, cast, flushMs }: RunsOptions) {
		this.cast = cast;
		this.#store = store;
		this.#answer = answer;
		this.#commits = new Commits(store, flushMs);
	}

	/**
	 * Starts a run; its question is on disk when this resolves. The same `key` from the same owner
	 * gives the same run, and never a second one.
	 */
	async start(
		owner: string,
		ask: Ask,
		key?: string
	): Promise<StartedRun | { refused: AskRefusal }> {
		const { agents, models } = this.cast;
		const { agent = agents[0] ?? '', model = models[0] ?? '' } = ask;
		if (this.#leaving.signal.aborted) return { refused: 'shutting-down' };
		if (!agents.includes(agent)) return { refused: 'unknown-agent' };
		if (!models.includes(model)) return { refused: 'unknown-model' };

		const runId = randomUUID();
		const conversationId = ask.conversationId ?? randomUUID();
		const { text } = ask;
		const outcome = await this.#store.startRun({
			owner,
			conversationId,
			create: ask.create ?? ask.conversationId === undefined,
			title: titleOf(text ?? ''),
			question: text === undefined ? undefined : { id: ask.messageId ?? randomUUID(), text },
			parentId: ask.parentId,
			runId,
			messageId: randomUUID(),
			agent,
			model,
			key: key === undefined ? undefined : { value: key, digest: digestOf(ask) },
			now: Date.now()
		});

		if (outcome.type === 'refused') return { refused: outcome.code };
		if (outcome.type === 'repeated') return { runId: outcome.runId, repeated: true };
		const history = [...(ask.history ?? []), ...outcome.history];
		const { instructions } = ask;
		this.#begin(outcome, { conversationId, history, instructions, agent, model });
		return { runId, repeated: false };
	}

	/**
	 * Follows a run: batches of its events after `after`, first those that were said, then those
	 * that are being said, until its end or until the signal aborts. Each batch holds at most about
	 * 64 kB; nothing is read ahead of the follower.
	 */
	follow(runId: string, after: number, signal: AbortSignal): Follower {
		const leaving = AbortSignal.any([signal, this.#leaving.signal]);
		return follow(this.#store, (id) => this.#live.get(id), runId, after, leaving);
	}

	/** Stops a run and keeps what was said. Stopping one that is over changes nothing. */
	stop(runId: string): void {
		this.#live.get(runId)?.end('stopped');
	}

	/** That owner's run, live or over. */
	async find(owner: string, runId: string): Promise<RunView | undefined> {
		const record = await this.#store.run(runId);
		if (record?.owner !== owner) return;
		const { id, conversationId, messageId, status, lastSeq } = record;
		return { id, conversationId, messageId, status, lastSeq };
	}

	/** That owner's conversations, newest first. */
	conversations(owner: string, limit: number, before?: string): Promise<ConversationPage> {
		return this.#store.conversations(owner, limit, before);
	}

	/** A conversation with its newest branch, replies under way included as far as they are. */
	async conversation(owner: string, id: string): Promise<ConversationView | undefined> {
		const record = await this.#store.conversation(owner, id);
		if (!record) return;
		for (const { id: runId, messageId } of record.runs) {
			const index = record.messages.findIndex((message) => message.id === messageId);
			const message = record.messages[index];
			if (message?.role !== 'assistant') continue;
			const live = this.#live.get(runId);
			const { createdAt, parentId } = message;
			record.messages[index] = live
				? { ...live.message, createdAt, parentId }
				: (await replay(this.#store, message)).message;
		}
		return { ...record, runs: record.runs.map(({ id, status }) => ({ id, status })) };
	}

	/** Gives a conversation another title; false when there is no such conversation. */
	rename(owner: string, id: string, title: string): Promise<boolean> {
		return this.#store.renameConversation(owner, id, title);
	}

	/** Deletes a conversation with all that was said in it, unless a run is under way in it. */
	remove(owner: string, id: string): Promise<'deleted' | 'unknown' | 'busy'> {
		return this.#store.deleteConversation(owner, id);
	}

	/** Closes the runs that a process before this one left open. Call it before the first start. */
	async recover(): Promise<void> {
		for (const record of await this.#store.openRuns()) await recover(this.#store, record);
	}

	/** Rejects when the store cannot be written. */
	check(): Promise<void> {
		return this.#store.check();
	}

	/** Takes no more runs, ends those under way as interrupted, and lets every follower go. */
	async shutdown(): Promise<void> {
		for (const run of this.#live.values()) {
			run.fail(INTERRUPTED);
		}
		await this.#commits.drained();
		this.#leaving.abort();
		await this.#store.close();
	}

	#begin({ epoch, message, start }: Started, question: Question): void {
		const run = new Run(epoch, message, start, this.#commits.add);
		this.#live.set(run.id, run);
		run.closed.addEventListener('abort', () => this.#live.delete(run.id), { once: true });
		void this.#record(run, question);
	}

	async #record(run: Run, question: Question): Promise<void> {
		try {
			const { reason, usage } = await this.#answer(question, run.say, run.signal);
			run.end(reason, usage);
		} catch (cause) {
			if (!run.signal.aborted) run.fail(explain(cause));
		}
	}
}

function explain(cause: unknown): Failure {
	if (cause instanceof RunFailure) {
		const { code, message, retryable } = cause;
		return { code, message, retryable };
	}
	console.error('A run failed for a reason nobody foresaw.', cause);
	return {
		code: 'internal',
		message: 'The server failed while it answered. What was said so far is kept.',
		retryable: true
	};
}

/** The first line of a question, short enough for a list. */
function titleOf(text: string): string {
	const line = text.trim().split(/\r?\n/, 1)[0]?.replaceAll(/\s+/g, ' ') ?? '';
	const letters = Array.from(new Intl.Segmenter().segment(line.slice(0, 400)), (s) => s.segment);
	return letters.length <= 60 ? line : `${letters.slice(0, 59).join('').trimEnd()}…`;
}

function digestOf(ask: Ask): string {
	const { conversationId, text, parentId, agent, model, instructions, history = [] } = ask;
	// what was given as history has ids of its own at each request
	const given = history.map(({ role, parts }) => [role, parts]);
	const asked = [conversationId, text, parentId, agent, model, instructions, given];
	const digest = createHash('sha256').update(JSON.stringify(asked));
	return digest.digest('base64url');
}
