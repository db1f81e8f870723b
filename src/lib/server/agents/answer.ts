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

export interface Outcome {
	reason: 'done' | 'limit';
	usage: Usage;
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
