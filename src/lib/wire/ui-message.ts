import type { FinishReason, UIMessageChunk } from 'ai';
import type { Numbered, RunEvent } from '#lib/protocol/events.ts';
import { isTerminal } from '#lib/protocol/events.ts';
import { REWOUND, withdrawn } from './failure.ts';
import type { PlainWire } from './wire.ts';

/**
 * The AI SDK's UI message stream, version 1: what `Chat` from `@ai-sdk/svelte` reads.
 *
 * @see https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol
 */
export const uiMessage: PlainWire = {
	name: 'ui-message',
	headers: { 'x-vercel-ai-ui-message-stream': 'v1' },
	endsAtPause: true,
	encode(event) {
		const frames = toChunks(event).map((chunk) => ({ data: jsonOf(chunk) }));
		const last = isTerminal(event) || event.type === 'run-pause' || event.type === 'run-rewind';
		return last ? [...frames, { data: '[DONE]' }] : frames;
	},
	last: ({ type }) => type === 'run-rewind'
};

/**
 * What a model writes may have keys that the AI SDK takes for an attack on its objects; it would
 * give up the whole stream at them, so they are left out.
 */
function jsonOf(chunk: UIMessageChunk): string {
	const json = JSON.stringify(chunk);
	if (!/"(?:__proto__|constructor)":/.test(json)) return json;
	return JSON.stringify(chunk, (key, value: unknown) =>
		key === '__proto__' || (key === 'constructor' && typeof value === 'object') ? undefined : value
	);
}

function toChunks(event: Numbered): UIMessageChunk[] {
	switch (event.type) {
		case 'run-start': {
			const { messageId, runId, conversationId, agent, model } = event;
			return [
				{ type: 'start', messageId, messageMetadata: { runId, conversationId, agent, model } }
			];
		}
		case 'turn-start':
			return [{ type: 'start-step' }];
		case 'turn-end':
			return [{ type: 'finish-step' }];
		case 'text-start':
		case 'text-end':
		case 'reasoning-start':
		case 'reasoning-end':
			return [{ type: event.type, id: event.partId }];
		case 'text-delta':
		case 'reasoning-delta':
			return [{ type: event.type, id: event.partId, delta: event.delta }];
		case 'source': {
			const { partId: sourceId, url, title } = event;
			return [{ type: 'source-url', sourceId, url, ...(title === undefined ? {} : { title }) }];
		}
		case 'agent-switch':
			return [{ type: 'data-agent', id: 'agent', data: { from: event.from, to: event.to } }];
		case 'run-pause':
			return [{ type: 'finish', finishReason: 'tool-calls' }];
		case 'run-retract':
			return [
				{ type: 'data-retract', data: { reason: event.reason } },
				// for readers who do not know that part: they must not take what they have for the answer
				{ type: 'error', errorText: withdrawn(event.reason) }
			];
		case 'run-rewind':
			// its reader can take back one step, and a rewind may go further: it comes again instead
			return [
				{ type: 'data-rewind', data: { reason: event.reason }, transient: true },
				{ type: 'error', errorText: REWOUND }
			];
		case 'run-end':
			return [ending(event)];
		case 'run-error': {
			const { code, message, retryable, durationMs } = event;
			const messageMetadata = { failure: { code, message, retryable }, durationMs };
			// the code, for readers who keep metadata; a stream ends at its error, so before it
			return [
				{ type: 'message-metadata', messageMetadata },
				{ type: 'error', errorText: message }
			];
		}
		default:
			return toolChunks(event);
	}
}

function toolChunks(event: RunEvent): UIMessageChunk[] {
	if (!('callId' in event)) return [];
	const { callId: toolCallId } = event;
	switch (event.type) {
		case 'tool-start': {
			const { name: toolName, title } = event;
			const named = title === undefined ? {} : { title };
			return [{ type: 'tool-input-start', toolCallId, toolName, dynamic: true, ...named }];
		}
		case 'tool-input-delta':
			return [{ type: event.type, toolCallId, inputTextDelta: event.delta }];
		case 'tool-input': {
			const { name: toolName, input } = event;
			return [{ type: 'tool-input-available', toolCallId, toolName, input, dynamic: true }];
		}
		case 'tool-progress': {
			const { message, fraction } = event;
			return [{ type: 'data-progress', id: toolCallId, data: { toolCallId, message, fraction } }];
		}
		case 'tool-diff': {
			const { path, patch, added, removed } = event;
			return [{ type: 'data-diff', data: { toolCallId, path, patch, added, removed } }];
		}
		case 'tool-end':
			return [
				{
					type: 'tool-output-available',
					toolCallId,
					output: event.output ?? null,
					dynamic: true,
					providerMetadata: took(event.durationMs)
				}
			];
		case 'tool-error':
			return [
				{
					type: 'tool-output-error',
					toolCallId,
					errorText: event.message,
					dynamic: true,
					providerMetadata: took(event.durationMs)
				}
			];
		case 'tool-denied':
			return [{ type: 'tool-output-denied', toolCallId }];
		case 'approval-request':
			return [{ type: 'tool-approval-request', toolCallId, approvalId: event.approvalId }];
		case 'approval-response': {
			const { approvalId, approved, reason } = event;
			const why = reason === undefined ? {} : { reason };
			return [{ type: 'tool-approval-response', approvalId, approved, ...why }];
		}
		default:
			return [];
	}
}

/** How long a tool took, in the one place of a result that a reader of the AI SDK keeps. */
function took(durationMs: number) {
	return { runnel: { durationMs } };
}

function ending(event: Extract<RunEvent, { type: 'run-end' }>): UIMessageChunk {
	if (event.reason === 'stopped') return { type: 'abort' };
	const finishReason: FinishReason = event.reason === 'limit' ? 'length' : 'stop';
	const { usage, durationMs } = event;
	return { type: 'finish', finishReason, messageMetadata: { usage, durationMs } };
}
