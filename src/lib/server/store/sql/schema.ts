import type { RunStatus } from '#lib/protocol/conversations.ts';
import type { Generated, Selectable } from 'kysely';

/**
 * The tables, for queries that any SQL database answers. Times are milliseconds since 1970.
 *
 * `number` is a row's place in the order of insertion. Rows refer to each other by it, because ids
 * are chosen outside and are unique to their owner only.
 */
export interface Tables {
	conversations: {
		number: Generated<number>;
		owner: string;
		id: string;
		title: string;
		created_at: number;
		updated_at: number;
	};
	messages: {
		number: Generated<number>;
		conversation: number;
		id: string;
		role: 'user' | 'assistant';
		/** The `number` of the message it follows. */
		parent: number | null;
		created_at: number;
		/** What the columns do not say of the message, as JSON. */
		body: string;
	};
	runs: {
		number: Generated<number>;
		id: string;
		owner: string;
		conversation: number;
		/** The `number` of the reply. */
		message: number;
		status: RunStatus;
		epoch: number;
		key: string | null;
		digest: string | null;
		started_at: number;
		ended_at: number | null;
	};
	run_events: {
		run: number;
		seq: number;
		/** The numbered event as JSON. */
		event: string;
	};
	pauses: {
		run: number;
		/** The number of the `run-pause`. */
		seq: number;
		/** What the run needs to go on. */
		state: string;
	};
	approvals: {
		run: number;
		id: string;
		call: string;
		/** 1 or 0 when a person has decided, with the number of the event that says so. */
		approved: number | null;
		reason: string | null;
		seq: number | null;
	};
	/** One row that is written to see whether writing works. */
	pulse: { number: number; at: number };
}

export type MessageRow = Selectable<Tables['messages']>;

/** What a run has while more may be said in it. */
export const OPEN = ['running', 'paused'] as const satisfies RunStatus[];
