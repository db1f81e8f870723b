import { Refusal } from './refuse.ts';

/** Whoever reaches the server without a token is its one owner. */
const LOCAL = 'local';

/** Who is asking. Owners of users have a prefix, so that no user can be called like the local one. */
export interface Identity {
	/** Whose conversations these are. */
	owner: string;
	/** The user as the token names it; absent without a token. */
	user?: string | undefined;
	/** When the token stops being good, in milliseconds since 1970; absent when it never does. */
	until?: number | undefined;
}

/** Tells whose a token is, or what is wrong. */
type Check = (
	token: string
) => Promise<{ user: string; until?: number | undefined } | { fault: 'token' | 'keys' }>;

/**
 * Tells who is asking, by the bearer token in `Authorization` and by nothing else. Without a `check`
 * (no sign-in is set up) tokens are not looked at.
 *
 * @throws {Refusal} 401 when the token is no good, 503 when nobody can tell
 */
export async function whose(headers: Headers, check: Check | undefined): Promise<Identity> {
	const [scheme, token = ''] = (headers.get('authorization') ?? '').split(/\s+/, 2);
	if (!check || scheme?.toLowerCase() !== 'bearer') return { owner: LOCAL };

	const found = await check(token);
	if ('user' in found) {
		const { user, until } = found;
		return { owner: `user:${user}`, user, until };
	}
	if (found.fault === 'token') throw badToken();
	throw new Refusal(
		503,
		'sign-in-unavailable',
		'The keys that tokens are checked with cannot be fetched. Try again in a moment.'
	);
}

/** What whoever brings a bad token is told, before the answer or while waiting for it. */
export function badToken(): Refusal {
	return new Refusal(401, 'unauthorized', 'The bearer token is not valid here, or no longer.');
}
