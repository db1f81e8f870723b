import type { Config } from '#lib/server/config.ts';
import { Refusal } from './refuse.ts';

type Gate = Pick<Config, 'ALLOWED_ORIGINS'>;

const PREFLIGHT = {
	'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
	'access-control-max-age': '600'
};

/** What a client on another origin may read besides the body: how to go on, and when. */
const EXPOSED =
	'x-run-id, x-vercel-ai-ui-message-stream, x-should-retry, retry-after, www-authenticate';

/**
 * The answer to a browser that asks whether a page of another origin may send this request;
 * undefined when the request asks nothing of the kind.
 *
 * @throws {Refusal} 403 for an origin that `ALLOWED_ORIGINS` does not name
 */
export function answerPreflight(request: Request, gate: Gate): Response | undefined {
	if (request.method !== 'OPTIONS') return;
	if (!request.headers.has('access-control-request-method')) return;
	if (isAllowed(request.headers.get('origin'), gate)) {
		// clients send headers of their own: OpenAI's a dozen, which change from version to version
		const wanted = request.headers.get('access-control-request-headers');
		const headers = { ...PREFLIGHT, ...(wanted && { 'access-control-allow-headers': wanted }) };
		return new Response(null, { status: 204, headers });
	}
	throw new Refusal(
		403,
		'foreign-origin',
		'Pages of that origin may not use this server. Name it in ALLOWED_ORIGINS to allow it.'
	);
}

/**
 * Lets pages of the origins in `ALLOWED_ORIGINS` read an answer, by naming the one that asked. Never
 * `*`, and never with cookies: such a page shows a token.
 */
export function shareAnswer(answer: Headers, request: Headers, gate: Gate): void {
	if (gate.ALLOWED_ORIGINS.length === 0) return;
	answer.append('vary', 'origin');
	const origin = request.get('origin');
	if (origin === null || !isAllowed(origin, gate)) return;
	answer.set('access-control-allow-origin', origin);
	answer.set('access-control-expose-headers', EXPOSED);
}

function isAllowed(origin: string | null, { ALLOWED_ORIGINS }: Gate): boolean {
	return ALLOWED_ORIGINS.some((allowed) => new URL(allowed).origin === origin);
}
