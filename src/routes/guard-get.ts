import { guardStartByGet } from '#lib/server/http/guard.ts';
import type { RequestEvent } from '@sveltejs/kit';

/**
 * Lets a GET in that starts a run.
 *
 * @throws {Refusal} 403, 406
 */
export function guardGet(event: RequestEvent): void {
	const { request, locals } = event;
	const who = { address: event.getClientAddress(), user: locals.user };
	guardStartByGet(request.headers, who, locals.config);
}
