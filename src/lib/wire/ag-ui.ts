import { isTerminal, type Numbered } from '#lib/protocol/events.ts';
import type { ToolPart } from '#lib/protocol/messages.ts';
import { agUiId, type AgUiEvent } from './ag-ui-event.ts';
import { agUiToolEvents } from './ag-ui-tools.ts';
import { failureOf, lastWord } from './failure.ts';
import type { Past } from './past.ts';
import { asking } from './waiting.ts';
import type { Wire } from './wire.ts';

/** What a caller calls its thread and its run: both come back to it. */
export interface AgUiCaller {
	threadId: string;
	runId: string;
}

/** AG-UI 1.0, with our own ids where no caller has named others. */
export const agUi: Wire = agUiFor();

/**
 * AG-UI 1.0 for one caller. A run that waits for a person has finished there, with an interrupt; what
 * it says after that is another run of the caller's.
 *
 * @see https://docs.ag-ui.com/concepts/events
 */
export function agUiFor(caller?: AgUiCaller): Wire {
	return {
		name: 'ag-ui',
		headers: {},
		recalls: true,
		encode: (event, past) =>
			say(event, past, caller).map((said) => ({ data: JSON.stringify(said) })),
		last: lastWord,
		endsAtPause: true
	};
}

/** What every run of a caller's begins with, also the rest of one that waited for a person. */
export function agUiOpening({ threadId, runId }: AgUiCaller): AgUiEvent {
	return { type: 'RUN_STARTED', threadId, runId, protocolVersion: '1.0' };
}

function say(event: Numbered, past: Past, caller?: AgUiCaller): AgUiEvent[] {
	const { conversationId: threadId, runId } = past.start;
	const run = caller ?? { threadId, runId };
	switch (event.type) {
		case 'run-start':
			return [agUiOpening(run)];
		case 'run-pause':
			return [
				{ type: 'RUN_FINISHED', ...run, outcome: { type: 'interrupt', ...interruptsOf(past) } }
			];
		case 'run-end':
			return [...cutShort(past), { type: 'RUN_FINISHED', ...run, ...outcomeOf(event, past) }];
		case 'source': {
			const { url, title } = event;
			return [{ type: 'CUSTOM', name: 'source', value: { url, title } }];
		}
		case 'agent-switch': {
			const { from, to } = event;
			return [{ type: 'CUSTOM', name: 'agent-switch', value: { from, to } }];
		}
		default: {
			const failure = failureOf(event);
			if (failure) return [{ type: 'RUN_ERROR', ...failure }];
			if (isTerminal(event)) return [];
			if ('partId' in event) return partEvents(event, agUiId(past, event.partId));
			return 'callId' in event ? agUiToolEvents(event, past) : [];
		}
	}
}

function partEvents(event: Extract<Numbered, { partId: string }>, messageId: string): AgUiEvent[] {
	switch (event.type) {
		case 'text-start':
			return [{ type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' }];
		case 'text-delta':
			return content('TEXT_MESSAGE_CONTENT', messageId, event.delta);
		case 'text-end':
			return [{ type: 'TEXT_MESSAGE_END', messageId }];
		case 'reasoning-start':
			return [
				{ type: 'REASONING_START', messageId },
				{ type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning' }
			];
		case 'reasoning-delta':
			return content('REASONING_MESSAGE_CONTENT', messageId, event.delta);
		case 'reasoning-end':
			return [
				{ type: 'REASONING_MESSAGE_END', messageId },
				{ type: 'REASONING_END', messageId }
			];
		default:
			return [];
	}
}

/** The protocol has no empty deltas. */
function content(type: string, messageId: string, delta: string): AgUiEvent[] {
	return delta === '' ? [] : [{ type, messageId, delta }];
}

/** Calls whose arguments never came to an end: the protocol wants each to have one. */
function cutShort(past: Past): AgUiEvent[] {
	return calls(past)
		.filter(({ state }) => state === 'input')
		.map(({ id }) => ({ type: 'TOOL_CALL_END', toolCallId: agUiId(past, id) }));
}

function outcomeOf({ reason, usage }: Extract<Numbered, { type: 'run-end' }>, { start }: Past) {
	const { inputTokens, outputTokens } = usage;
	return {
		outcome: { type: reason === 'stopped' ? 'cancelled' : 'success' },
		...(reason === 'limit' ? { result: { reason } } : {}),
		usage: [{ model: start.model, inputTokens, outputTokens }]
	};
}

function interruptsOf(past: Past) {
	const interrupts = asking(past).flatMap(({ id, name, title, approval }) => {
		if (!approval) return [];
		return {
			id: approval.id,
			reason: 'tool_approval',
			toolCallId: agUiId(past, id),
			message: `May ${title ?? name} be run?`,
			responseSchema: {
				type: 'object',
				properties: { approved: { type: 'boolean' }, reason: { type: 'string' } },
				required: ['approved']
			}
		};
	});
	return { interrupts };
}

function calls({ reply }: Past): ToolPart[] {
	return reply.parts.filter((part) => part.type === 'tool');
}
