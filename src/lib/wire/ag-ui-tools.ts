import type { Numbered } from '#lib/protocol/events.ts';
import { agUiId, type AgUiEvent } from './ag-ui-event.ts';
import { DENIED } from './failure.ts';
import type { Past } from './past.ts';

/** What AG-UI says of a tool. How far one is and what it changes are events of our own there. */
export function agUiToolEvents(
	event: Extract<Numbered, { callId: string }>,
	past: Past
): AgUiEvent[] {
	const toolCallId = agUiId(past, event.callId);
	const result = (content: string): AgUiEvent => ({
		type: 'TOOL_CALL_RESULT',
		messageId: `${toolCallId}:result`,
		toolCallId,
		content
	});

	switch (event.type) {
		case 'tool-start':
			return [{ type: 'TOOL_CALL_START', toolCallId, toolCallName: event.name }];
		case 'tool-input-delta':
			return args(toolCallId, event.delta);
		case 'tool-input': {
			const whole = wasSaid(past, event.callId) ? '' : wordsOf(event.input);
			return [...args(toolCallId, whole), { type: 'TOOL_CALL_END', toolCallId }];
		}
		case 'tool-progress': {
			const { message, fraction } = event;
			return [{ type: 'CUSTOM', name: 'tool-progress', value: { toolCallId, message, fraction } }];
		}
		case 'tool-diff': {
			const { path, patch, added, removed } = event;
			const value = { toolCallId, path, patch, added, removed };
			return [{ type: 'CUSTOM', name: 'tool-diff', value }];
		}
		case 'tool-end':
			return [result(wordsOf(event.output))];
		case 'tool-error':
			return [result(event.message)];
		case 'tool-denied':
			return [result(event.reason ?? DENIED)];
		default:
			return [];
	}
}

function args(toolCallId: string, delta: string): AgUiEvent[] {
	return delta === '' ? [] : [{ type: 'TOOL_CALL_ARGS', toolCallId, delta }];
}

/** Whether the arguments came in pieces before they came whole. */
function wasSaid({ reply }: Past, callId: string): boolean {
	const part = reply.parts.findLast(({ type, id }) => type === 'tool' && id === callId);
	return part?.type === 'tool' && part.inputText !== '';
}

function wordsOf(value: unknown): string {
	return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
