import type { ToolPart } from '#lib/protocol/messages.ts';
import type { WireFailure } from './failure.ts';
import type { Past } from './past.ts';

/** A run as far as it has come. */
type SoFar = Pick<Past, 'start' | 'reply'>;

/** The calls of a reply that a person must decide about. */
export function asking({ reply }: Pick<SoFar, 'reply'>): ToolPart[] {
	return reply.parts
		.filter((part) => part.type === 'tool')
		.filter(({ state }) => state === 'asking');
}

/**
 * Why an answer comes no further, for clients that have no word for a run that waits for a person:
 * who must do what. The run itself has not failed.
 */
export function waitingFor(past: SoFar): WireFailure {
	const calls = asking(past);
	const names = calls.map(({ name, title = name }) => title).join(', ');
	const path = `/api/runs/${past.start.runId}/approvals/${calls[0]?.approval?.id ?? ''}`;
	return {
		code: 'approval-needed',
		message: `A person must decide whether ${names} may be run, on the page of the conversation or with POST ${path} and {"approved":true}. The answer goes on there.`
	};
}
