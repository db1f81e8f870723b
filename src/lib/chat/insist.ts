import { BackOff } from './back-off.ts';
import { willPass } from './server.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Does something that may be done twice, again and again while it fails for reasons that pass.
 * Resolves when it is done, or when the signal aborts.
 */
export async function insist(
	task: () => Promise<void>,
	signal: AbortSignal,
	surroundings: Surroundings
): Promise<void> {
	const backOff = new BackOff(surroundings);
	while (!signal.aborted) {
		try {
			await task();
			return;
		} catch (cause) {
			if (!willPass(cause)) throw cause;
			await backOff.wait(signal);
		}
	}
}
