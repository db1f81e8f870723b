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
		case 'tool-error':
			return [complete(event.name, event.durationMs, event.type === 'tool-end')];
		case 'tool-denied':
			return [complete(event.name, 0, false)];
		default: {
			const failure = failureOf(event);
			return failure ? [{ event: 'failed', data: JSON.stringify(failure) }] : [];
		}
	}
}

function complete(tool_name: string | undefined, duration_ms: number, success: boolean): Frame {
	return { event: 'tool_complete', data: JSON.stringify({ tool_name, duration_ms, success }) };
}
