import type { Numbered } from '#lib/protocol/events.ts';
import { failureOf, lastWord } from './failure.ts';
import type { Frame } from './sse.ts';
import type { Wire } from './wire.ts';

/**
 * Named events, for `addEventListener` of an `EventSource`. `done` comes last in every case; a
 * failure is `failed`, because `error` is what an `EventSource` calls a lost connection.
 */
export const named: Wire = {
	name: 'named',
	headers: {},
	encode(event) {
		const frames = say(event);
		return lastWord(event) ? [...frames, { event: 'done', data: '' }] : frames;
	},
	last: lastWord
};

function say(event: Numbered): Frame[] {
	switch (event.type) {
		case 'text-delta':
			return [{ event: 'token', data: event.delta }];
		case 'tool-start':
			return [{ event: 'tool_start', data: event.name }];
		case 'tool-end':
		case 'tool-error': {
			const { type, name: tool_name, durationMs: duration_ms } = event;
			const success = type === 'tool-end';
			return [
				{ event: 'tool_complete', data: JSON.stringify({ tool_name, duration_ms, success }) }
			];
		}
		default: {
			const failure = failureOf(event);
			return failure ? [{ event: 'failed', data: JSON.stringify(failure) }] : [];
		}
	}
}
