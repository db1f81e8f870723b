import type { RunErrorCode } from './errors.ts';
import type { Usage } from './events.ts';

/** A message of a conversation. `parentId` is the message it follows; branches share parents. */
export type Message = UserMessage | AssistantMessage;

export interface UserMessage {
	id: string;
	role: 'user';
	parentId?: string | undefined;
	/** Milliseconds since 1970. */
	createdAt: number;
	parts: TextPart[];
}

/** What a run said, folded. It is whole up to event `seq` of the run. */
export interface AssistantMessage {
	id: string;
	role: 'assistant';
	parentId?: string | undefined;
	/** Milliseconds since 1970; absent while only the run's events are known. */
	createdAt?: number | undefined;
	runId: string;
	agent: string;
	model: string;
	/** The last event that was folded in. */
	seq: number;
	status: MessageStatus;
	parts: Part[];
	/** A guardrail withdrew the answer, and says why. */
	retracted?: string | undefined;
	failure?: Failure | undefined;
	usage?: Usage | undefined;
	durationMs?: number | undefined;
}

export type MessageStatus = 'running' | 'paused' | 'done' | 'stopped' | 'limit' | 'failed';

export interface Failure {
	code: RunErrorCode;
	message: string;
	retryable: boolean;
}

/** A piece of a message. `id` is unique within the message, `seq` the event that began it. */
export type Part = TextPart | ReasoningPart | ToolPart | SourcePart | SwitchPart;

export interface TextPart {
	type: 'text';
	id: string;
	seq: number;
	text: string;
	/** No more text will come. */
	closed: boolean;
}

export interface ReasoningPart {
	type: 'reasoning';
	id: string;
	seq: number;
	text: string;
	closed: boolean;
}

export interface ToolPart {
	type: 'tool';
	/** The call's id. */
	id: string;
	seq: number;
	name: string;
	title?: string | undefined;
	state: ToolState;
	/** Argument JSON as it arrived; dropped when `input` is there. */
	inputText: string;
	input?: unknown;
	output?: unknown;
	/** What went wrong, or why a person said no. */
	message?: string | undefined;
	progress?: { message?: string | undefined; fraction?: number | undefined } | undefined;
	diffs: { path: string; patch: string; added: number; removed: number }[];
	approval?:
		{ id: string; approved?: boolean | undefined; reason?: string | undefined } | undefined;
	durationMs?: number | undefined;
}

/** `input`: arguments arrive; `running`: the tool works; `asking`: a person must decide. */
export type ToolState = 'input' | 'running' | 'asking' | 'done' | 'failed' | 'denied';

export interface SourcePart {
	type: 'source';
	id: string;
	seq: number;
	url: string;
	title?: string | undefined;
}

export interface SwitchPart {
	type: 'agent-switch';
	id: string;
	seq: number;
	from: string;
	to: string;
}

/** The text of a message, its parts joined by blank lines. */
export function textOf({ parts }: { parts: Part[] }): string {
	return parts
		.filter((part) => part.type === 'text')
		.map((part) => part.text)
		.join('\n\n');
}
