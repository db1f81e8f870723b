import type { Store } from '../store.ts';

/** What the worker changes, each in the group transaction of its turn. */
export type Writes = Pick<
	Store,
	| 'startRun'
	| 'claimRun'
	| 'answerApproval'
	| 'resumeRun'
	| 'renameConversation'
	| 'deleteConversation'
> & {
	append(packed: string): Promise<{ lost: string[] }>;
	pulse(now: number): Promise<void>;
};

/** What the worker looks up. */
export type Reads = Pick<
	Store,
	'events' | 'setbacks' | 'run' | 'openRuns' | 'pause' | 'conversations' | 'conversation'
>;

/** A call as data: its name, then what it is given. */
export type Call<T extends Record<keyof T, (...values: never[]) => unknown>> = {
	[Name in keyof T]: [Name, ...Parameters<T[Name]>];
}[keyof T];

/** Which database a thread works on, and what it does there. */
export interface Place {
	url: string;
	role: 'writer' | 'reader';
}

/** What a thread is asked. It answers in order, each job with a `Reply`. */
export type Job = { id: number } & Task;

export type Task =
	| { type: 'open' }
	| { type: 'write'; calls: Call<Writes>[] }
	| { type: 'read'; call: Call<Reads> }
	| { type: 'close' };

/** The answer to a job: JSON, because a thread is handed one string far sooner than many objects. */
export interface Reply {
	id: number;
	json?: string | undefined;
	error?: string | undefined;
}
