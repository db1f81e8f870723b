import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
	Cast,
	ConversationPage,
	ConversationView,
	RunView
} from '#lib/protocol/conversations.ts';
import type { Setback } from '#lib/protocol/events.ts';
import { RunFailure, type Answer, type Question } from '#lib/server/agents/answer.ts';
import type { Failure } from '#lib/protocol/messages.ts';
import { Quota } from '#lib/server/quota.ts';
import type {
	ApprovalAnswered,
	ApprovalRefused,
	RunRecord,
	Store,
	StoredPause
} from '#lib/server/store/store.ts';
import { type Ask, type AskRefusal, digestOf, type StartedRun, titleOf } from './ask.ts';
import { Commits } from './commits.ts';
import { Doorbells } from './doorbells.ts';
import { follow, type Follower } from './follow.ts';
import { resume, stopPaused } from './paused.ts';
import { closeDead, INTERRUPTED, type KeepOut, replay } from './recover.ts';
import { Run, type RunInit } from './run.ts';

export type { Ask, AskRefusal, StartedRun } from './ask.ts';

/** How often is looked whether those are gone who may be at a run, in milliseconds. */
const LOOK_AGAIN_MS = 1000;
const nobodyElse: KeepOut = () => () => undefined;

/** Why an answer to an approval does not count. */
export type AnswerRefusal =
	ApprovalRefused | { type: 'refused'; code: 'unknown-run' | 'shutting-down'; earlier?: undefined };

export interface RunsOptions {
	store: Store;
	answer: Answer;
	cast: Cast;
	/** How many may be under way at once; without it, any number. */
	quota?: Pick<Quota, 'add' | 'take'>;
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
	readonly #quota: Pick<Quota, 'add' | 'take'>;
	readonly #commits: Commits;
	readonly #live = new Map<string, Run>();
	/** Runs whose pause is over, and which are about to be live again. */
	readonly #resuming = new Map<string, Promise<void>>();
	readonly #bells = new Doorbells();
	readonly #leaving = new AbortController();

	constructor({ store, answer, cast, quota, flushMs }: RunsOptions) {
		this.cast = cast;
		this.#store = store;
		this.#answer = answer;
		this.#quota = quota ?? new Quota({ each: Infinity, all: Infinity });
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
		const leave = this.#quota.take(owner);
		if (!leave) return { refused: 'too-many-runs' };

		const runId = randomUUID();
		const conversationId = ask.conversationId ?? randomUUID();
		const { text } = ask;
		const begun = this.#store.startRun({
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
		const outcome = await begun.catch((cause: unknown) => {
			leave();
			throw cause;
		});

		if (outcome.type !== 'started') leave();
		if (outcome.type === 'refused') return { refused: outcome.code };
		if (outcome.type === 'repeated') return { runId: outcome.runId, repeated: true };
		const history = [...(ask.history ?? []), ...outcome.history];
		const { instructions } = ask;
		const { epoch, message, start: last } = outcome;
		const question = { conversationId, history, instructions, agent, model };
		this.#begin({ epoch, message, last }, question, leave);
		return { runId, repeated: false };
	}

	/**
	 * Follows a run: batches of its events after `after`, first those that were said, then those
	 * that are being said, until its end or until the signal aborts. Each batch holds at most about
	 * 64 kB; nothing is read ahead of the follower.
	 */
	follow(runId: string, after: number, signal: AbortSignal): Follower {
		const leaving = this.#leaving.signal;
		const live = (id: string) => this.#live.get(id);
		return follow({ store: this.#store, live, bells: this.#bells, leaving }, runId, after, signal);
	}

	/**
	 * Stops a run and keeps what was said, whether it speaks or waits for a person. Stopping one that
	 * is over changes nothing.
	 */
	async stop(runId: string): Promise<void> {
		for (;;) {
			await this.#resuming.get(runId);
			const run = this.#live.get(runId);
			const { pausing = false, closed } = run ?? {};
			run?.stop();
			if (run && !pausing) return;
			// the end may come too late, when the pause is answered as soon as it is seen
			if (closed?.aborted === false) await once(closed, 'abort');
			const stopped = await stopPaused(this.#store, runId);
			this.#bells.ring(runId);
			if (stopped) return;
		}
	}

	/**
	 * Decides what a paused run of that owner asked for; of many answers the first counts. After the
	 * last answer that it waits for the run goes on, in this process.
	 */
	async answerApproval(
		owner: string,
		runId: string,
		approvalId: string,
		{ approved, reason }: { approved: boolean; reason?: string | undefined }
	): Promise<ApprovalAnswered | AnswerRefusal> {
		if (this.#leaving.signal.aborted) return { type: 'refused', code: 'shutting-down' };
		if (!(await this.find(owner, runId))) return { type: 'refused', code: 'unknown-run' };
		const answer = { runId, approvalId, approved, reason };
		const outcome = await this.#store.answerApproval(answer);
		if (outcome.type === 'refused') return outcome;
		this.#bells.ring(runId);
		if (outcome.open === 0) await this.#goOn(owner, runId);
		return outcome;
	}

	/** That owner's run, live or over. */
	async find(owner: string, runId: string): Promise<RunView | undefined> {
		const record = await this.#store.run(runId);
		if (record?.owner !== owner) return;
		const { id, conversationId, messageId, status, lastSeq } = record;
		return { id, conversationId, messageId, status, lastSeq };
	}

	/** What that owner's paused run waits for, and the event with which it began to wait. */
	async waiting(
		owner: string,
		runId: string
	): Promise<Pick<StoredPause, 'seq' | 'approvals'> | undefined> {
		if (!(await this.find(owner, runId))) return;
		const pause = await this.#store.pause(runId);
		return pause && { seq: pause.seq, approvals: pause.approvals };
	}

	/** What made earlier events of a run void, in order. */
	setbacks(runId: string): Promise<Setback[]> {
		return this.#store.setbacks(runId);
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

	/**
	 * Closes the runs that died with the process before this one, and goes on with those whose last
	 * answer came just before; those that wait for a person go on waiting. Call it before the first
	 * start. While `keepOut` keeps nobody out, the runs are closed later.
	 */
	async recover(keepOut: KeepOut = nobodyElse): Promise<void> {
		const records = await this.#store.openRuns();
		for (const { status, owner, id } of records) {
			if (status === 'paused') await this.#goOn(owner, id);
		}
		const dead = records.filter(({ status }) => status !== 'paused');
		if (!(await closeDead(this.#store, dead, keepOut))) void this.#closeLater(dead, keepOut);
	}

	/** Closes the runs whose process died; false when somebody may be alive who answers one. */
	async closeDead(keepOut: KeepOut): Promise<boolean> {
		const records = await this.#store.openRuns();
		const dead = records.filter(({ id, status }) => status !== 'paused' && !this.#live.has(id));
		return closeDead(this.#store, dead, keepOut);
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
		this.#bells.ringAll();
		await this.#store.close();
	}

	async #closeLater(dead: RunRecord[], keepOut: KeepOut): Promise<void> {
		const { signal } = this.#leaving;
		try {
			do await sleep(LOOK_AGAIN_MS, undefined, { signal, ref: false });
			while (!(await closeDead(this.#store, dead, keepOut)));
		} catch (cause) {
			if (!signal.aborted) console.error('Runs that died could not be closed.', cause);
		}
	}

	#begin(
		init: Pick<RunInit, 'epoch' | 'message' | 'last' | 'before'>,
		question: Question,
		leave: () => void
	): void {
		const ongrow = ({ id }: Run) => {
			this.#bells.ring(id);
		};
		const run = new Run({ ...init, onchange: this.#commits.add, ongrow });
		this.#live.set(run.id, run);
		const close = () => {
			leave();
			if (this.#live.get(run.id) === run) this.#live.delete(run.id);
		};
		run.closed.addEventListener('abort', close, { once: true });
		void this.#record(run, question);
	}

	/** Goes on with a run whose approvals are all answered. What fails is tried again at the next start. */
	async #goOn(owner: string, runId: string): Promise<void> {
		const work = resume(this.#store, runId)
			.then((resumed) => {
				if (resumed) this.#begin(resumed, resumed.question, this.#quota.add(owner));
			})
			.catch((cause: unknown) => {
				console.error(`The run ${runId} could not be taken up again.`, cause);
			})
			.finally(() => this.#resuming.delete(runId));
		this.#resuming.set(runId, work);
		await work;
	}

	async #record(run: Run, question: Question): Promise<void> {
		try {
			const outcome = await this.#answer(question, run.say, run.signal);
			if (outcome.reason === 'paused') run.pause(outcome);
			else run.end(outcome.reason, outcome.usage);
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
