import type { Message } from './messages.ts';

/** A conversation as a list shows it. Times are milliseconds since 1970. */
export interface ConversationSummary {
	id: string;
	title: string;
	createdAt: number;
	updatedAt: number;
	/** Something is being answered in it, or waits for a person. */
	status?: 'running' | 'paused' | undefined;
}

/** One page of conversations, newest first; `next` is the `before` of the page after it. */
export interface ConversationPage {
	conversations: ConversationSummary[];
	next?: string | undefined;
}

/** A conversation with its newest branch, and the runs that are under way in it. */
export interface ConversationView extends Omit<ConversationSummary, 'status'> {
	messages: Message[];
	runs: { id: string; status: RunStatus }[];
}

/** `interrupted`: the process died and the run was closed for it. */
export type RunStatus = 'running' | 'paused' | 'done' | 'stopped' | 'failed' | 'interrupted';

export interface RunView {
	id: string;
	conversationId: string;
	messageId: string;
	status: RunStatus;
	lastSeq: number;
}

/** Who can answer here: the first agent and the first model answer when nobody names another. */
export interface Cast {
	agents: string[];
	models: string[];
	/** The built-in demo model answers, because no real one is configured. */
	demo: boolean;
}
