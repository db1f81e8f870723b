import type { RunErrorCode } from '#lib/protocol/errors.ts';
import type { Usage, Utterance } from '#lib/protocol/events.ts';
import type { Message } from '#lib/protocol/messages.ts';

/** What an agent is asked: a conversation that ends with a user's message. */
export interface Question {
	conversationId: string;
	history: Message[];
	/** What the asker wants beside the agent's own instructions, for this answer. */
	instructions?: string | undefined;
	agent: string;
	model: string;
	/** Go on from where an earlier answer paused, instead of from the history. */
	resume?: { state: string; decisions: Decision[] } | undefined;
}

/** What a person decided about a call that an answer paused for. */
export interface Decision {
	callId: string;
	approved: boolean;
	reason?: string | undefined;
}

/** Takes what an agent says, in order. Never throws, never waits; mute once the run is over. */
export type Say = (utterance: Utterance) => void;

/**
 * Whoever answers questions: an agent in production, a script in tests.
 *
 * It MUST say things in an order that makes sense (a start before its deltas, a turn around each
 * model call), MUST come to an end soon after the signal aborts, and MUST throw a `RunFailure` for
 * what a person can understand. It need not end its parts: the run does, whatever happens.
 */
export type Answer = (question: Question, say: Say, signal: AbortSignal) => Promise<Outcome>;

/** How an answer ended. The usage is that of the whole run, what was before a pause included. */
export type Outcome = { reason: 'done' | 'limit'; usage: Usage } | Paused;

/**
 * A person must decide about some calls before the answer can go on; it says nothing until then.
 * `state` is all that whoever goes on needs, in another process too. It MUST NOT hold secrets.
 */
export interface Paused {
	reason: 'paused';
	usage: Usage;
	state: string;
	/** `id` is unique, whatever else was asked for in this run or another. */
	approvals: { id: string; callId: string }[];
}

/** A run that failed for a reason a person can act on. The cause is for the operator's log alone. */
export class RunFailure extends Error {
	readonly code: RunErrorCode;
	readonly retryable: boolean;

	constructor(code: RunErrorCode, message: string, retryable: boolean, cause?: unknown) {
		super(message, { cause });
		this.code = code;
		this.retryable = retryable;
	}
}
