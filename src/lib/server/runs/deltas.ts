import type { Numbered, RunEvent, Utterance } from '#lib/protocol/events.ts';

/** A merged delta holds at most so many UTF-16 units, which are at most 16 kB as UTF-8. */
export const MAX_DELTA = 5461;

/** What lengthens a part or the arguments of a call. */
export type Delta = Extract<Utterance, { delta: string }>;

/** How much an event weighs in memory and on the wire, roughly, in UTF-16 units. */
export function sizeOf(event: Numbered): number {
	if ('delta' in event) return event.delta.length + 100;
	if (event.type === 'tool-end') return JSON.stringify(event.output ?? null).length + 200;
	if (event.type === 'tool-input') return JSON.stringify(event.input ?? null).length + 200;
	return event.type === 'tool-diff' ? event.patch.length + 200 : 200;
}

/** Whether the last event can be lengthened by this delta. */
export function continues<T extends RunEvent>(last: T, next: Delta): last is T & Delta {
	return last.type === next.type && partOf(last) === partOf(next);
}

/** What a delta, or what ends it, belongs to: a part, or a call. */
export function partOf(utterance: { callId: string } | { partId: string }): string {
	return 'callId' in utterance ? utterance.callId : utterance.partId;
}

/** Cuts a delta that is too long for one event, never inside a surrogate pair. */
export function* chop(delta: string): Generator<string> {
	let from = 0;
	while (delta.length - from > MAX_DELTA) {
		const to = from + MAX_DELTA - (isHighSurrogate(delta.charCodeAt(from + MAX_DELTA - 1)) ? 1 : 0);
		yield delta.slice(from, to);
		from = to;
	}
	yield from === 0 ? delta : delta.slice(from);
}

/** Whether a UTF-16 unit is the first half of a pair. */
export function isHighSurrogate(unit: number): boolean {
	return unit >= 0xd800 && unit <= 0xdbff;
}
