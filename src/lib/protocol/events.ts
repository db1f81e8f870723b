import type { RunErrorCode } from './errors.ts';

/** What a model call took, in tokens. */
export interface Usage {
	inputTokens: number;
	outputTokens: number;
	totalTokens: number;
}

/**
 * What an agent says while it works.
 *
 * This is the app's own vocabulary: agents are translated into it (`server/agents`), wires are
 * translated out of it (`wire`), and neither learns about the other. It is as fine as the finest
 * wire needs, which is what lets every wire be a pure function.
 */
export type Utterance =
	/** A model call begins. Nothing is open here, so a crashed run can be redone from this point. */
	| { type: 'turn-start'; turn: number }
	| { type: 'turn-end'; turn: number; usage?: Usage }
	| { type: 'text-start'; partId: string }
	| { type: 'text-delta'; partId: string; delta: string }
	| { type: 'text-end'; partId: string }
	| { type: 'reasoning-start'; partId: string }
	| { type: 'reasoning-delta'; partId: string; delta: string }
	| { type: 'reasoning-end'; partId: string }
	/** The model began to call a tool; its arguments are not complete yet. */
	| { type: 'tool-start'; callId: string; name: string; title?: string }
	/** Argument JSON as it arrives. */
	| { type: 'tool-input-delta'; callId: string; delta: string }
	/** The arguments, complete and parsed; the bare string if they were no JSON. */
	| { type: 'tool-input'; callId: string; name: string; input: unknown }
	/** How far a tool is; `fraction` from 0 to 1. */
	| { type: 'tool-progress'; callId: string; message?: string; fraction?: number }
	/** A tool changed a file, or wants to; `patch` is a unified diff, `added` and `removed` count lines. */
	| {
			type: 'tool-diff';
			callId: string;
			path: string;
			patch: string;
			added: number;
			removed: number;
	  }
	| { type: 'tool-end'; callId: string; name: string; output: unknown; durationMs: number }
	/** The tool failed; the run goes on. */
	| { type: 'tool-error'; callId: string; name: string; message: string; durationMs: number }
	/** A person said no. Old logs do not name the tool. */
	| { type: 'tool-denied'; callId: string; name?: string; reason?: string }
	| { type: 'approval-request'; approvalId: string; callId: string }
	| {
			type: 'approval-response';
			approvalId: string;
			callId: string;
			approved: boolean;
			reason?: string;
	  }
	| { type: 'agent-switch'; from: string; to: string }
	/** Something the answer rests on. */
	| { type: 'source'; partId: string; url: string; title?: string }
	/** The run waits for a person; its log goes on later, in the same message. */
	| { type: 'run-pause'; reason: 'approval' }
	/** A guardrail withdrew what was said: readers hide it. */
	| { type: 'run-retract'; reason: string };

/** Everything a run says: one start, any number of utterances, and one end or error. */
export type RunEvent =
	| {
			type: 'run-start';
			runId: string;
			conversationId: string;
			messageId: string;
			agent: string;
			model: string;
			/** Milliseconds since 1970; old logs do not say. */
			startedAt?: number;
	  }
	| Utterance
	/**
	 * After a crash: everything after event `toSeq` is void and will be said again.
	 * `toSeq` is the number of an event after which nothing was open: a `run-start`, or the last
	 * event before a `turn-start`.
	 */
	| { type: 'run-rewind'; toSeq: number; reason: string }
	| { type: 'run-end'; reason: EndReason; usage: Usage; durationMs: number }
	| {
			type: 'run-error';
			code: RunErrorCode;
			/** A sentence for a person: never a stack, a key or another server's body. */
			message: string;
			/** Whether asking again, unchanged, may help. */
			retryable: boolean;
			durationMs: number;
	  };

/** `limit`: the answer is as long as the model or the operator lets it be. */
export type EndReason = 'done' | 'stopped' | 'limit';

/** An event with its place in the run. Numbers start at 1 and never skip. */
export type Numbered = RunEvent & { seq: number };

/** What makes earlier events void: a rewind those after one of them, a withdrawal all. */
export type Setback = Extract<Numbered, { type: 'run-rewind' | 'run-retract' }>;

/** Whether an event makes earlier ones void. */
export function isSetback(event: Numbered): event is Setback {
	return event.type === 'run-rewind' || event.type === 'run-retract';
}

/** The last event of a run. */
export function isTerminal(
	event: RunEvent
): event is Extract<RunEvent, { type: 'run-end' | 'run-error' }> {
	return event.type === 'run-end' || event.type === 'run-error';
}
