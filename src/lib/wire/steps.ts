import type { Numbered } from '#lib/protocol/events.ts';
import { DENIED, durationOf, failureOf, lastWord } from './failure.ts';
import type { Wire } from './wire.ts';

/** What happens, step by step, as `{"event","data"}`. `on_complete` comes last in every case. */
export const steps: Wire = {
	name: 'steps',
	headers: {},
	encode(event) {
		const said = say(event);
		if (lastWord(event)) said.push(['on_complete', { duration_ms: durationOf(event) }]);
		return said.map(([name, data]) => ({ data: JSON.stringify({ event: name, data }) }));
	},
	last: lastWord
};

type Step = [name: string, data: object];

function say(event: Numbered): Step[] {
	switch (event.type) {
		case 'text-delta':
			return [['on_token', { token: event.delta }]];
		case 'tool-input': {
			const { name, callId: id, input } = event;
			return [['on_tool_start', { name, id, input }]];
		}
		case 'tool-progress': {
			const { callId: id, message, fraction } = event;
			return [['on_progress', { id, message, fraction }]];
		}
		case 'tool-diff':
			return [['on_diff_ready', { path: event.path, patch: event.patch }]];
		case 'tool-end': {
			const { name, callId: id, output, durationMs: duration_ms } = event;
			return [['on_tool_end', { name, id, output: output ?? null, duration_ms }]];
		}
		case 'tool-error': {
			const { name, callId: id, message, durationMs: duration_ms } = event;
			return [['on_tool_end', { name, id, output: message, duration_ms, error: true }]];
		}
		case 'tool-denied': {
			const { name, callId: id, reason = DENIED } = event;
			return [['on_tool_end', { name, id, output: reason, error: true }]];
		}
		default: {
			const failure = failureOf(event);
			return failure ? [['on_error', { error: failure.message, code: failure.code }]] : [];
		}
	}
}
