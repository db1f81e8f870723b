import { json, type RequestEvent } from '@sveltejs/kit';
import type { RunErrorCode } from '#lib/protocol/errors.ts';
import type { Failure } from '#lib/protocol/messages.ts';
import { bringsKey } from '#lib/server/http/api-keys.ts';
import { isLocal } from '#lib/server/http/guard.ts';
import { Refusal, refusalHeaders } from '#lib/server/http/refuse.ts';
import { openAiFailure } from '#lib/wire/openai-failure.ts';
import { waitingFor } from '#lib/wire/waiting.ts';
import type { ReplyTo } from '../reply-of.ts';

type Handler<Params> = (event: RequestEvent & { params: Params }) => Response | Promise<Response>;

/**
 * Wraps a handler of `/v1`: it is for those who bring a key of `RUNNEL_API_KEYS`, or for this
 * machine where there are none; and what it throws leaves in the shape of OpenAI's errors.
 */
export function openAiApi<Params extends Record<string, string> = Record<string, string>>(
	handler: Handler<Params>
): Handler<Params> {
	return async (event) => {
		try {
			admit(event);
			return await handler(event);
		} catch (cause) {
			if (cause instanceof Refusal) return refused(cause);
			console.error(`${event.request.method} ${event.url.pathname} failed.`, cause);
			return refused(
				new Refusal(500, 'internal', 'The server failed. Its log says why; nothing was changed.')
			);
		}
	};
}

/** What a run that failed answers to who does not stream. */
export function failed({ code, message, retryable }: Failure): Response {
	const headers = { 'x-should-retry': String(retryable) };
	return json({ error: openAiFailure({ code, message }) }, { status: statusOf(code), headers });
}

/** What a run that waits for a person answers to who does not stream. */
export function waits(replied: ReplyTo): Response {
	const error = openAiFailure(waitingFor(replied));
	// asked again the model would be, not the person
	return json({ error }, { status: 409, headers: { 'x-should-retry': 'false' } });
}

function admit(event: RequestEvent): void {
	const { RUNNEL_API_KEYS: keys } = event.locals.config;
	if (keys.length === 0) {
		if (isLocal(event.request.headers, event.getClientAddress())) return;
		throw new Refusal(
			401,
			'key-refused',
			'Without RUNNEL_API_KEYS only this machine is answered. Set it on the server, and send one of its keys.'
		);
	}
	if (bringsKey(event.request.headers.get('authorization'), keys)) return;
	throw new Refusal(401, 'key-refused', 'Send a key of this server: Authorization: Bearer KEY.');
}

const WORDS: Partial<Record<Refusal['code'], string>> = {
	'unknown-model': 'model_not_found',
	'key-refused': 'invalid_api_key'
};

/** What `/v1` answers when it refuses: an error as OpenAI shapes it. */
export function refused({ status, code, message, field }: Refusal): Response {
	const type = status >= 500 ? 'server_error' : 'invalid_request_error';
	const param = field ?? (code === 'unknown-model' ? 'model' : null);
	const error = { message, type, param, code: WORDS[code] ?? code.replaceAll('-', '_') };
	return json({ error }, { status: openAiStatus(status, code), headers: refusalHeaders(status) });
}

/** OpenAI has no 422, and calls a model that is not there not found. */
function openAiStatus(status: number, code: Refusal['code']): number {
	if (code === 'unknown-model') return 404;
	return status === 422 ? 400 : status;
}

function statusOf(code: RunErrorCode): number {
	switch (code) {
		case 'rate-limited':
			return 429;
		case 'context-too-long':
		case 'invalid-request':
		case 'model-refused':
			return 400;
		case 'model-timeout':
			return 504;
		case 'interrupted':
			return 503;
		case 'internal':
		case 'too-many-turns':
			return 500;
		default:
			return 502;
	}
}
