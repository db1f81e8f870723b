import type {
	ConversationPage,
	ConversationSummary,
	RunStatus
} from '#lib/protocol/conversations.ts';
import type { Numbered, Setback } from '#lib/protocol/events.ts';
import type { AssistantMessage, Message } from '#lib/protocol/messages.ts';

/**
 * Where conversations, messages, runs and their events are kept.
 *
 * A promise that resolves means that the change is on disk, and no earlier. Writes take effect in
 * the order of the calls. A driver MUST NOT let a failing disk or a lock held by somebody else
 * lose or reorder a write: it waits and tries again. Ids of conversations and messages are scoped
 * to their owner: what another owner calls by the same id is another conversation.
 */
export interface Store {
	/**
	 * Begins a run: the conversation if it is to be made, the question, the empty reply, the run and
	 * its `run-start`, all or nothing.
	 */
	startRun(start: RunDraft): Promise<Started | Repeated | StartRefused>;

	/**
	 * Appends to the logs of many runs in one transaction. MUST append nothing to a run whose epoch
	 * has moved on or which is over, in the statement that appends; those runs come back as `lost`.
	 */
	append(batch: Append[]): Promise<{ lost: string[] }>;

	/**
	 * The events after `after`, in order, at most about `limit` bytes of them (at least one, if there
	 * is one). Empty when there are none, or no such run.
	 */
	events(runId: string, after: number, limit: number): Promise<Numbered[]>;

	/** The events of a run that make earlier ones void, in order; looked up, not searched for. */
	setbacks(runId: string): Promise<Setback[]>;

	run(runId: string): Promise<RunRecord | undefined>;

	/** Runs that are neither over nor closed: after a start, those whose process died. */
	openRuns(): Promise<RunRecord[]>;

	/** Takes a run over from whoever had it. `undefined` when its epoch is no longer `epoch`. */
	claimRun(runId: string, epoch: number): Promise<RunRecord | undefined>;

	/** What a paused run waits for, and what it needs to go on; undefined when it is not paused. */
	pause(runId: string): Promise<StoredPause | undefined>;

	/**
	 * Decides an approval of a paused run, and appends its `approval-response`. MUST do so once: of
	 * many answers the first stands. Takes the run from whoever had it.
	 */
	answerApproval(answer: ApprovalAnswer): Promise<ApprovalAnswered | ApprovalRefused>;

	/**
	 * Takes a paused run over to go on with it; its `Pause` is gone then. `undefined`, and nothing
	 * changes, while an approval is open or when its epoch is no longer `epoch`: so of many who want
	 * to go on one does, once.
	 */
	resumeRun(runId: string, epoch: number): Promise<RunRecord | undefined>;

	/** Newest first, at most `limit`; `before` is the `next` of an earlier page. */
	conversations(owner: string, limit: number, before?: string): Promise<ConversationPage>;

	/** A conversation with its newest branch and its open runs. */
	conversation(owner: string, id: string): Promise<ConversationRecord | undefined>;

	/** False when there is no such conversation. */
	renameConversation(owner: string, id: string, title: string): Promise<boolean>;

	/** Removes a conversation with its messages, runs and events. MUST refuse while a run is open. */
	deleteConversation(owner: string, id: string): Promise<'deleted' | 'unknown' | 'busy'>;

	/** Resolves when a write reaches the disk; rejects when it does not within about a second. */
	check(): Promise<void>;

	/** Lets the writes that were asked for reach the disk, and closes. */
	close(): Promise<void>;
}

/** A run that is to begin, with ids and times of the caller's making. */
export interface RunDraft {
	owner: string;
	conversationId: string;
	/** Make the conversation when the owner has none by that id. */
	create: boolean;
	/** The title of a conversation that is made. */
	title: string;
	/** What is asked. Without it the question that `parentId` names (or answers) is asked again. */
	question?: { id: string; text: string } | undefined;
	/** The message to follow: the newest branch's last when undefined, none at all when null. */
	parentId?: string | null | undefined;
	runId: string;
	messageId: string;
	agent: string;
	model: string;
	/** The caller's idempotency key, with a digest of what it asked; unique to the owner. */
	key?: { value: string; digest: string } | undefined;
	/** Milliseconds since 1970. */
	now: number;
}

export interface Started {
	type: 'started';
	epoch: number;
	/** The branch that ends with the question. */
	history: Message[];
	/** The reply as it begins, with `seq` 1. */
	message: AssistantMessage;
	/** The `run-start` that was stored as event 1. */
	start: Numbered;
}

/** The same key came before, with the same request: that run stands for this one. */
export interface Repeated {
	type: 'repeated';
	runId: string;
}

export interface StartRefused {
	type: 'refused';
	code: 'unknown-conversation' | 'unknown-parent' | 'conversation-busy' | 'idempotency-mismatch';
}

export interface Append {
	runId: string;
	epoch: number;
	/** Contiguous, and contiguous with what is stored. */
	events: Numbered[];
	/** With the terminal event: what the run came to, stored with it. */
	end?: { status: EndStatus; message: AssistantMessage; now: number } | undefined;
	/** With a `run-pause`: what is needed to go on, stored with it. Not beside an `end`. */
	pause?: { pause: Pause; message: AssistantMessage; now: number } | undefined;
}

/** What a run is when it is over. */
export type EndStatus = Exclude<RunStatus, 'running' | 'paused'>;

/** What a run waits for while it is paused, and what it needs to go on. */
export interface Pause {
	/** Whatever the one who goes on needs; the store does not look into it. */
	state: string;
	approvals: Approval[];
}

/** A pause as it is found again. */
export interface StoredPause extends Pause {
	/** The number of the `run-pause` with which the run began to wait. */
	seq: number;
}

export interface Approval {
	/** Unique within the run. */
	id: string;
	callId: string;
	/** Absent until a person has decided. */
	approved?: boolean | undefined;
	reason?: string | undefined;
}

export interface ApprovalAnswer {
	runId: string;
	approvalId: string;
	approved: boolean;
	reason?: string | undefined;
}

export interface ApprovalAnswered {
	type: 'answered';
	callId: string;
	/** The number of its `approval-response`. */
	seq: number;
	/** How many approvals of the run are still open. */
	open: number;
}

/** `earlier` is the answer that stands, if a person gave one; the run may be over without any. */
export interface ApprovalRefused {
	type: 'refused';
	code: 'unknown-approval' | 'approval-answered';
	earlier?: { approved: boolean; seq: number } | undefined;
}

export interface RunRecord {
	id: string;
	owner: string;
	conversationId: string;
	messageId: string;
	status: RunStatus;
	epoch: number;
	lastSeq: number;
	/** Milliseconds since 1970. */
	startedAt: number;
}

export interface ConversationRecord extends Omit<ConversationSummary, 'status'> {
	/** Replies under way are as they were at their start: their events tell the rest. */
	messages: Message[];
	runs: { id: string; messageId: string; status: RunStatus }[];
}
