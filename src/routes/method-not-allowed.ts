import { Refusal, refusalResponse } from '#lib/server/http/refuse.ts';

/** A handler for a method that a route does not take; `allow` lists those it does. */
export function methodNotAllowed(allow: string, refuse = refusalResponse): () => Response {
	return () => {
		const response = refuse(new Refusal(405, 'method-not-allowed', `This address takes ${allow}.`));
		response.headers.set('allow', allow);
		return response;
	};
}
