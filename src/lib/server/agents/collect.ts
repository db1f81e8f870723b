import type { Utterance } from '#lib/protocol/events.ts';
import type { UserMessage } from '#lib/protocol/messages.ts';
import { RunFailure, type Answer, type Outcome, type Question } from './answer.ts';

/** What came of asking: what was said, with the deltas of each part merged, and how it ended. */
export interface Collected {
	said: Utterance[];
	/** The text of all parts. */
	text: string;
	outcome?: Outcome;
	failure?: RunFailure;
}

/** A question in a conversation of its own, for tests. */
export function question(text: string, rest: Partial<Question> = {}): Question {
	return {
		conversationId: 'c1',
		agent: 'assistant',
		model: 'gpt-test',
		history: [userMessage(text)],
		...rest
	};
}

/** What a user said, for tests. */
export function userMessage(text: string): UserMessage {
	const parts = [{ type: 'text' as const, id: 'q1', seq: 1, text, closed: true }];
	return { id: `user-${text}`, role: 'user', createdAt: 0, parts };
}

/** Asks, and collects what is said until the end, for tests. `onsay` hears everything as it comes. */
export async function ask(
	answer: Answer,
	asked: string | Question,
	{ signal, onsay }: { signal?: AbortSignal; onsay?: (utterance: Utterance) => void } = {}
): Promise<Collected> {
	const collected: Collected = { said: [], text: '' };
	const say = (utterance: Utterance) => {
		merge(collected.said, utterance);
		if (utterance.type === 'text-delta') collected.text += utterance.delta;
		onsay?.(utterance);
	};
	const asking = typeof asked === 'string' ? question(asked) : asked;
	try {
		collected.outcome = await answer(asking, say, signal ?? new AbortController().signal);
	} catch (cause) {
		if (!(cause instanceof RunFailure)) throw cause;
		collected.failure = cause;
	}
	return collected;
}

function merge(said: Utterance[], utterance: Utterance): void {
	const last = said.at(-1);
	if (last && 'delta' in last && 'delta' in utterance && last.type === utterance.type) {
		if (idOf(last) === idOf(utterance)) {
			last.delta += utterance.delta;
			return;
		}
	}
	said.push({ ...utterance });
}

function idOf(utterance: Utterance): unknown {
	if ('partId' in utterance) return utterance.partId;
	return 'callId' in utterance ? utterance.callId : undefined;
}
