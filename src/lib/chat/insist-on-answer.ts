import { insist } from './insist.ts';
import { Refused } from './server.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Brings a person's decision to the server, as often as it takes. Where somebody else was faster,
 * theirs stands and this one resolves all the same: the reply tells what was decided.
 */
export async function insistOnAnswer(
	answer: () => Promise<void>,
	signal: AbortSignal,
	surroundings: Surroundings
): Promise<void> {
	try {
		await insist(answer, signal, surroundings);
	} catch (cause) {
		if (!(cause instanceof Refused && cause.code === 'approval-answered')) throw cause;
	}
}
