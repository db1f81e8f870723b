import type { Message } from '#lib/protocol/messages.ts';

/** A conversation, as much of it as a page shows and asks for; whatever it is held by. */
export interface Talk {
	readonly messages: Message[];
	/** `waiting`: asked, and nothing came yet; `lost`: the connection is being made anew. */
	readonly status: 'idle' | 'waiting' | 'streaming' | 'lost';
	readonly busy: boolean;
	/** Why the last thing that was asked for did not happen. */
	readonly failure?: { code: string; message: string; retryable: boolean } | undefined;
	/** True when the question was taken; false when the text is the caller's again. */
	send(text: string): Promise<boolean>;
	/** Asks the last question again. */
	retry(): Promise<boolean>;
	/** Decides what the last answer asks for; false when the server did not take it. */
	answer(approvalId: string, approved: boolean): Promise<boolean>;
	/** Ends the answer and keeps what was said. */
	stop(): Promise<void>;
}
