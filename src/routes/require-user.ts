import { Refusal } from '#lib/server/http/refuse.ts';
import type { RequestEvent } from '@sveltejs/kit';

/**
 * Lets a request in that comes with the token of the user in its address.
 *
 * @throws {Refusal} 501 where no sign-in is set up, 401 without a token, 403 with somebody else's
 */
export function requireUser({
	params,
	locals
}: RequestEvent & { params: { userId: string } }): void {
	const { AUTH_JWT_SECRET, AUTH_JWT_PUBLIC_KEY, AUTH_JWKS_URL } = locals.config;
	if ((AUTH_JWT_SECRET ?? AUTH_JWT_PUBLIC_KEY ?? AUTH_JWKS_URL) === undefined) {
		throw new Refusal(
			501,
			'sign-in-not-set-up',
			'This address is for users with a token. Set AUTH_JWT_SECRET, AUTH_JWT_PUBLIC_KEY or AUTH_JWKS_URL to let them in.'
		);
	}
	if (locals.user === undefined) {
		throw new Refusal(401, 'unauthorized', 'Send a token, with the header authorization: Bearer.');
	}
	if (locals.user !== params.userId) {
		throw new Refusal(403, 'forbidden', 'The token is that of another user.');
	}
}
