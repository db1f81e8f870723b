import type { Numbered } from '#lib/protocol/events.ts';
import { pass, pastAt, type Past } from './past.ts';
import { formatFrame, type Frame } from './sse.ts';
import type { RecallingWire, Wire } from './wire.ts';

/**
 * Says a run as blocks of server-sent events, one string for each batch of events that the wire
 * has words for. `run-start` carries its id even where the wire has no words for it, so that a cut
 * right after it does not start a second run. Ends with the wire's last word, or with the run.
 *
 * @param batches are the events after `after`; for a wire that recalls, all of them
 */
export async function* encodeRun(
	runId: string,
	batches: AsyncIterable<Numbered[]>,
	wire: Wire,
	after = 0
): AsyncGenerator<string> {
	const say = sayerOf(runId, wire);
	for await (const batch of batches) {
		let blocks = '';
		let over = false;
		for (const event of batch) {
			const block = say(event);
			if (event.seq <= after) continue;
			blocks += block;
			over = wire.last?.(event) ?? false;
			if (over) break;
		}
		if (blocks) yield blocks;
		if (over) return;
	}
}

function sayerOf(runId: string, wire: Wire): (event: Numbered) => string {
	const encode = wire.recalls ? encoderOf(wire) : (event: Numbered) => wire.encode(event);
	return (event) => format(runId, event, encode(event));
}

/** Encodes a run event by event, from its start, each after its past. */
export function encoderOf(wire: RecallingWire): (event: Numbered) => Frame[] {
	let past: Past | undefined;
	return (event) => {
		if (event.type === 'run-start') past = pastAt(event);
		if (!past) throw new Error('A wire that recalls must be given the run from its start.');
		const frames = wire.encode(event, past);
		pass(past, event, frames.length);
		return frames;
	};
}

function format(runId: string, event: Numbered, frames: Frame[]): string {
	const id = `${runId}:${String(event.seq)}`;
	if (frames.length === 0) return event.type === 'run-start' ? formatFrame({ id }) : '';

	// only the last frame carries the id, so nobody resumes in the middle of an event
	let blocks = '';
	for (const [index, frame] of frames.entries()) {
		blocks += formatFrame(index === frames.length - 1 ? { ...frame, id } : frame);
	}
	return blocks;
}
