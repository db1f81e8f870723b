import type { Numbered } from '#lib/protocol/events.ts';
import { DENIED, failureOf, lastWord } from './failure.ts';
import type { Wire } from './wire.ts';

/** A result is shown in a line or two: the whole of it is in the conversation. */
const MAX_RESULT = 200;

/**
 * JSON objects told apart by `type`, for readers of `fetch`. `{"type":"done"}` and then `[DONE]`
 * come last in every case.
 */
export const typed: Wire = {
	name: 'typed',
	headers: {},
	encode(event) {
		const frames = say(event).map((object) => ({ data: JSON.stringify(object) }));
		return lastWord(event) ? [...frames, { data: '[DONE]' }] : frames;
	},
	last: lastWord
};

function say(event: Numbered): object[] {
	switch (event.type) {
		case 'run-start':
			return [{ type: 'start', agent: event.agent }];
		case 'text-delta':
			return [{ type: 'text', content: event.delta }];
		case 'reasoning-delta':
			return [{ type: 'reasoning', content: event.delta }];
		case 'tool-start':
			return [{ type: 'tool_call', id: event.callId, name: event.name, status: 'started' }];
		case 'tool-progress': {
			const { callId: id, message, fraction } = event;
			return [{ type: 'tool_progress', id, message, fraction }];
		}
		case 'tool-end':
			return [result(event.callId, event.name, wordsOf(event.output), event.durationMs)];
		case 'tool-error': {
			const { callId, name, message, durationMs } = event;
			return [{ ...result(callId, name, message, durationMs), error: true }];
		}
		case 'tool-denied': {
			const { callId, name, reason = DENIED } = event;
			return [{ ...result(callId, name, reason, undefined), error: true }];
		}
		case 'run-end':
			return [{ type: 'done' }];
		default: {
			const failure = failureOf(event);
			if (!failure) return [];
			const { message, code } = failure;
			return [{ type: 'error', message, code }, { type: 'done' }];
		}
	}
}

function result(
	id: string,
	name: string | undefined,
	words: string,
	duration_ms: number | undefined
): object {
	const truncated = words.length > MAX_RESULT;
	// never half a surrogate pair
	const short = truncated ? words.slice(0, MAX_RESULT).replace(/[\ud800-\udbff]$/, '') : words;
	return { type: 'tool_result', id, name, result: short, truncated, duration_ms };
}

function wordsOf(output: unknown): string {
	return typeof output === 'string' ? output : JSON.stringify(output ?? null);
}
