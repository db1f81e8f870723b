import type { WireFailure } from './failure.ts';

/** A failure as the OpenAI API words it. */
export interface OpenAiFailure {
	message: string;
	type: string;
	param: string | null;
	code: string;
}

const KNOWN: Record<string, { type: string; code: string } | undefined> = {
	'rate-limited': { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
	'context-too-long': { type: 'invalid_request_error', code: 'context_length_exceeded' },
	'invalid-request': { type: 'invalid_request_error', code: 'invalid_request' },
	'approval-needed': { type: 'invalid_request_error', code: 'approval_needed' },
	'model-refused': { type: 'invalid_request_error', code: 'content_policy_violation' }
};

/** Our codes where OpenAI has a word for the same, and as they are where it has none. */
export function openAiFailure({ code, message }: WireFailure): OpenAiFailure {
	const { type, code: word } = KNOWN[code] ?? { type: 'server_error', code };
	return { message, type, param: null, code: word };
}
