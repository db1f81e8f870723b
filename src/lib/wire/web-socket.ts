import { isTerminal, type Numbered } from '#lib/protocol/events.ts';
import { failureOf } from './failure.ts';

/**
 * Says one run over a WebSocket, one object a message. It keeps a count of the deltas, so it must be
 * given every event of the run from the first on, also those that the reader has already.
 */
export class SocketWire {
	readonly #runId: string;
	#conversationId: string | undefined;
	#index = 0;

	constructor(runId: string) {
		this.#runId = runId;
	}

	/** The object that says this event; undefined when there are no words for it. */
	say(event: Numbered): object | undefined {
		if (event.type === 'run-start') this.#conversationId = event.conversationId;
		const metadata = {
			run_id: this.#runId,
			seq: event.seq,
			conversation_id: this.#conversationId
		};

		switch (event.type) {
			case 'text-delta':
				return { StreamingToken: { metadata, content: event.delta, index: this.#index++ } };
			case 'tool-start':
				return { ToolStarted: { metadata, tool_name: event.name } };
			case 'tool-end':
			case 'tool-error': {
				const { type, name: tool_name, durationMs: duration_ms } = event;
				const success = type === 'tool-end';
				return { ToolCompleted: { metadata, tool_name, duration_ms, success } };
			}
			case 'tool-denied': {
				const { name: tool_name } = event;
				return { ToolCompleted: { metadata, tool_name, duration_ms: 0, success: false } };
			}
			case 'run-end': {
				const { reason, durationMs: duration_ms } = event;
				return { AgentCompleted: { metadata, duration_ms, reason } };
			}
			default: {
				const failure = failureOf(event);
				if (!failure) return;
				const duration = isTerminal(event) ? { duration_ms: event.durationMs } : {};
				return { AgentFailed: { metadata, ...failure, ...duration } };
			}
		}
	}
}
