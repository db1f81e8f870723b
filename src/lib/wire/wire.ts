import type { Numbered } from '#lib/protocol/events.ts';
import type { Frame } from './sse.ts';

/** One way of saying a run over SSE. Wires are stateless: same event, same frames. */
export interface Wire {
	name: string;
	/** Sent besides the SSE headers, for clients that sniff. */
	headers: Record<string, string>;
	/** The frames that say this event; none if this wire has no words for it. */
	encode(event: Numbered): Frame[];
	/**
	 * Whether the stream ends with this event though the run may go on: a wire that cannot take back
	 * what it said must not go on after a rewind or a withdrawal.
	 */
	last?(event: Numbered): boolean;
}
