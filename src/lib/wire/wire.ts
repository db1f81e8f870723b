import type { Numbered } from '#lib/protocol/events.ts';
import type { Past } from './past.ts';
import type { Frame } from './sse.ts';

/** One way of saying a run over SSE. Wires are stateless: same log, same frames. */
export type Wire = PlainWire | RecallingWire;

/** A wire that says each event by itself. */
export interface PlainWire extends Spoken {
	recalls?: never;
	/** The frames that say this event; none if this wire has no words for it. */
	encode(event: Numbered): Frame[];
}

/**
 * A wire whose frames repeat what was said before, such as a whole item at its end. For its sake a
 * run is read from its start, also for who resumes.
 */
export interface RecallingWire extends Spoken {
	recalls: true;
	/** The frames that say this event after that past, which it must not change. */
	encode(event: Numbered, past: Past): Frame[];
}

interface Spoken {
	name: string;
	/** Sent besides the SSE headers, for clients that sniff. */
	headers: Record<string, string>;
	/**
	 * Whether the stream ends with this event though the run may go on: a wire that cannot take back
	 * what it said must not go on after a rewind or a withdrawal.
	 */
	last?(event: Numbered): boolean;
	/** Its readers are told what is void as well, with what made it so, and take it back themselves. */
	tellsVoid?: boolean;
	/** The stream ends when the run begins to wait for a person; its reader comes again with an answer. */
	endsAtPause?: boolean;
}
