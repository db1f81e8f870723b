import { json, type RequestEvent } from '@sveltejs/kit';
import type { RefusalCode } from '#lib/protocol/errors.ts';

const RETRY_AFTER_S = '5';

/** A request turned down before its first byte, with a code for programs and a sentence for people. */
export class Refusal extends Error {
	readonly status: number;
	readonly code: RefusalCode;
	/** The field of the request that does not fit, where it is one. */
	readonly field: string | undefined;

	constructor(status: number, code: RefusalCode, message: string, field?: string) {
		super(message);
		this.field = field;
		this.status = status;
		this.code = code;
	}
}

/** What every API route answers when it refuses, whatever the client accepts. */
export function refusalResponse({ status, code, message }: Refusal): Response {
	return json({ error: { code, message } }, { status, headers: refusalHeaders(status) });
}

/** What a client is told beside the refusal: how to come in, or when to come again. */
export function refusalHeaders(status: number): Record<string, string> {
	if (status === 401) return { 'www-authenticate': 'Bearer' };
	return status === 429 || status === 503 ? { 'retry-after': RETRY_AFTER_S } : {};
}

/**
 * Wraps an API handler: what it throws leaves as JSON, because Kit would send a page to the reader
 * of an event stream. What nobody foresaw goes to the operator's log, and a sentence to the client.
 */
export function api<Params extends Record<string, string> = Record<string, string>>(
	handler: (event: RequestEvent & { params: Params }) => Response | Promise<Response>
): (event: RequestEvent & { params: Params }) => Promise<Response> {
	return async (event) => {
		try {
			return await handler(event);
		} catch (cause) {
			if (cause instanceof Refusal) return refusalResponse(cause);
			console.error(`${event.request.method} ${event.url.pathname} failed.`, cause);
			return refusalResponse(
				new Refusal(500, 'internal', 'The server failed. Its log says why; nothing was changed.')
			);
		}
	};
}
