import { type Caps, Quota } from '#lib/server/quota.ts';
import { Refusal } from './refuse.ts';
import type { Identity } from './whose.ts';

/** One stream or socket that is open. */
export interface Listener {
	/** Aborts when the token that it was opened with expires. */
	readonly expired: AbortSignal;
	/** To be called when it is closed, however that comes about; more than once does no harm. */
	leave(): void;
}

/** The longest wait for one timer: clocks are set, machines sleep, and 32 bits are 25 days. */
const LONGEST_WAIT_MS = 60_000;

/** Everybody who listens: open streams and sockets, no more than may be, none longer than its token. */
export class Listeners {
	readonly #quota: Quota;

	constructor(caps: Caps) {
		this.#quota = new Quota(caps);
	}

	/**
	 * Lets one more listen.
	 *
	 * @throws {Refusal} 429
	 */
	admit({ owner, until }: Pick<Identity, 'owner' | 'until'>): Listener {
		const give = this.#quota.take(owner);
		if (!give) {
			throw new Refusal(
				429,
				'too-many-streams',
				'As many streams and sockets are open as may be at once. Close one, or try again in a moment.'
			);
		}
		const expiry = new AbortController();
		let timer: NodeJS.Timeout | undefined;
		const watch = (end: number) => {
			const left = end - Date.now();
			if (left <= 0) expiry.abort();
			else timer = setTimeout(watch, Math.min(left, LONGEST_WAIT_MS), end);
		};
		if (until !== undefined) watch(until);
		return {
			expired: expiry.signal,
			leave() {
				clearTimeout(timer);
				give();
			}
		};
	}
}
