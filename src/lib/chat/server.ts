import type { Cast, ConversationPage, ConversationView } from '#lib/protocol/conversations.ts';
import type { Numbered } from '#lib/protocol/events.ts';

/**
 * The server, as much of it as following a run needs.
 *
 * Every method rejects with `Refused` when the server says no and with `Unreachable` when it could
 * not be asked or the answer was cut. A stream MUST come to an end soon after its signal aborts.
 */
export interface RunServer {
	/** Starts a run. The same key gives the same run, never a second one. */
	start(question: Question, key: string, listening: Listening): Promise<RunStream>;
	/** What a run says after event `after`; `undefined` when it is over and all of it was read. */
	follow(runId: string, after: number, listening: Listening): Promise<RunStream | undefined>;
	/** Asks for the end of a run, which comes through its stream. Stopping twice is fine. */
	stop(runId: string): Promise<void>;
}

/** The server, as much of it as a conversation needs. */
export interface Server extends RunServer {
	conversation(id: string): Promise<ConversationView>;
	/** Decides what a paused run asked for; refused as `approval-answered` when that was done before. */
	answer(runId: string, approvalId: string, decision: Decision): Promise<void>;
}

/** Whether a run may do what it asked for; the reason is for the model to know. */
export interface Decision {
	approved: boolean;
	reason?: string | undefined;
}

/** The server, as much of it as a list of conversations needs. */
export interface ListServer {
	conversations(before?: string): Promise<ConversationPage>;
	rename(id: string, title: string): Promise<void>;
	remove(id: string): Promise<void>;
}

/** The server, as much of it as a choice of who answers needs. */
export interface CastServer {
	cast(): Promise<Cast>;
}

/** What is asked. Without `text` the question that `parentId` names or answers is asked again. */
export interface Question {
	/** Without one a conversation is made; the first event tells its id. */
	conversationId?: string | undefined;
	text?: string | undefined;
	parentId?: string | undefined;
	agent?: string | undefined;
	model?: string | undefined;
}

/** Batches of events in order; an empty one says only that the connection lives. */
export type RunStream = AsyncIterable<Numbered[]>;

export interface Listening {
	/** Ends the listening, never the run. */
	signal: AbortSignal;
	/** Is told the milliseconds that the server asks to wait before a reconnect. */
	onretry?: ((milliseconds: number) => void) | undefined;
}

/** The server turned a request down, with a code for programs and a sentence for people. */
export class Refused extends Error {
	readonly status: number;
	readonly code: string;

	constructor(status: number, code: string, message: string) {
		super(message);
		this.status = status;
		this.code = code;
	}
}

/** The server could not be reached, or the connection was cut. */
export class Unreachable extends Error {}

// what a proxy, a restart or a crowd answers for a while; none of them has taken the request
const PASSING = new Set([408, 425, 429, 502, 503, 504]);

/** Whether asking again, unchanged, may help in a while. */
export function willPass(cause: unknown): boolean {
	return cause instanceof Unreachable || (cause instanceof Refused && PASSING.has(cause.status));
}
