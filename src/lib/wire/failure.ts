import { isTerminal, type Numbered } from '#lib/protocol/events.ts';

/** Why a wire has nothing more to say: a code for programs and a sentence for people. */
export interface WireFailure {
	code: string;
	message: string;
}

/**
 * How an event fails a run, for wires that cannot take back what they said.
 *
 * For them a rewind and a withdrawal are failures too: whoever read on would show as true what is
 * void. The run itself goes on, and can be read on a wire that has words for both.
 */
export function failureOf(event: Numbered): WireFailure | undefined {
	switch (event.type) {
		case 'run-error':
			return { code: event.code, message: event.message };
		case 'run-rewind':
			return { code: 'rewound', message: REWOUND };
		case 'run-retract':
			return { code: 'retracted', message: withdrawn(event.reason) };
	}
}

/** The sentence for a tool that a person did not allow without a word why. */
export const DENIED = 'A person said no.';

/** The sentence for an answer of which a reader has something that does not stand. */
export const REWOUND =
	'The server was interrupted, and a part of what was said is void. The answer goes on in its conversation.';

/** The sentence for an answer that a guardrail took back. */
export function withdrawn(reason: string): string {
	return `This answer was withdrawn: ${reason}`;
}

/** Whether a wire that cannot take anything back says its last word with this event. */
export function lastWord(event: Numbered): boolean {
	return isTerminal(event) || failureOf(event) !== undefined;
}

/** How long the run took, in milliseconds; null while it is not over. */
export function durationOf(event: Numbered): number | null {
	return isTerminal(event) ? event.durationMs : null;
}
