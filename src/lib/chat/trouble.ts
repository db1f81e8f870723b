import { UnreadableRun } from '#lib/wire/read-run.ts';
import { Refused, Unreachable, willPass } from './server.ts';

/** Why something a person asked for did not happen: a code for programs, a sentence for people. */
export interface Trouble {
	/** A refusal's own code, or `unreachable`, `unreadable`, `lost`. */
	code: string;
	message: string;
	/** Whether asking again, unchanged, may help. */
	retryable: boolean;
}

/** What a caught error means for the person. Errors of our own making are thrown on. */
export function troubleOf(cause: unknown): Trouble {
	if (cause instanceof Refused) {
		return { code: cause.code, message: cause.message, retryable: willPass(cause) };
	}
	if (cause instanceof Unreachable) {
		return { code: 'unreachable', message: 'The server cannot be reached.', retryable: true };
	}
	if (cause instanceof UnreadableRun) {
		return { code: 'unreadable', message: cause.message, retryable: false };
	}
	throw cause;
}
