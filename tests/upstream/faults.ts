import type { Fault } from './reply.ts';

/** Refusals as OpenAI words them. `key` is echoed where a careless server would. */
export const refusals = {
	badKey: (key = 'sk-wrong') =>
		refusal(401, 'invalid_request_error', 'invalid_api_key', `Incorrect API key provided: ${key}.`),
	noPermission: () =>
		refusal(403, 'invalid_request_error', 'unsupported_country', 'Country not supported.'),
	unknownModel: (model = 'gpt-none') =>
		refusal(
			404,
			'invalid_request_error',
			'model_not_found',
			`The model \`${model}\` does not exist.`
		),
	contextTooLong: () =>
		refusal(
			400,
			'invalid_request_error',
			'context_length_exceeded',
			'Your input exceeds the context window of this model.'
		),
	badRequest: () =>
		refusal(400, 'invalid_request_error', null, "Unsupported parameter: 'temperature'."),
	rateLimited: (seconds: number) =>
		refusal(429, 'requests', 'rate_limit_exceeded', 'Rate limit reached for requests.', {
			'retry-after': String(seconds)
		}),
	noQuota: () =>
		refusal(429, 'insufficient_quota', 'insufficient_quota', 'You exceeded your current quota.'),
	broken: (status = 500) => refusal(status, 'server_error', null, 'The server had an error.'),
	redirect: (location: string): Fault => ({ type: 'status', status: 307, headers: { location } })
};

function refusal(
	status: number,
	type: string,
	code: string | null,
	message: string,
	headers: Record<string, string> = {}
): Fault {
	return { type: 'status', status, headers, body: { error: { message, type, param: null, code } } };
}
