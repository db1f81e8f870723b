import type { Numbered, Setback } from '#lib/protocol/events.ts';

/**
 * The events of a run for a reader who has those up to `after` and is told nothing that is known to
 * be void: a run that was rewound is told as if it never had been, one that was withdrawn is begun
 * and withdrawn. A reader who has something void already is told what made it so, and only that.
 *
 * @param setbacks are those of the run that are known when the reader comes
 */
export function withoutVoid(
	batches: AsyncIterable<Numbered[]>,
	setbacks: Setback[],
	after: number
): AsyncIterable<Numbered[]> {
	const gaps = setbacks.map((setback) => gapOf(setback, setbacks, after));
	return gaps.length === 0 ? batches : leaveOut(batches, gaps);
}

/** What is void by a setback, from one number to before another. */
type Gap = [from: number, to: number];

function gapOf(setback: Setback, setbacks: Setback[], after: number): Gap {
	const { seq } = setback;
	if (setback.type === 'run-retract') {
		const stands = !setbacks.some((one) => isVoid(seq, one));
		// a run has a start, also when nothing it said stands
		return [Math.max(after, 1) + 1, stands ? seq : 0];
	}
	const { toSeq } = setback;
	const met = toSeq < after && after < seq;
	return met ? [after + 1, seq] : [toSeq + 1, seq + 1];
}

function isVoid(seq: number, setback: Setback): boolean {
	return setback.type === 'run-rewind' && setback.toSeq < seq && seq < setback.seq;
}

async function* leaveOut(
	batches: AsyncIterable<Numbered[]>,
	gaps: Gap[]
): AsyncGenerator<Numbered[]> {
	for await (const batch of batches) {
		const told = batch.filter(({ seq }) => !gaps.some(([from, to]) => seq >= from && seq < to));
		if (told.length > 0) yield told;
	}
}
