import { MaxTurnsExceededError, ModelBehaviorError, ModelRefusalError } from '@openai/agents';
import { APIConnectionError, APIError } from 'openai';
import { RunFailure } from './answer.ts';

/** Where the answers come from, as far as a sentence about a failure needs it. */
export interface Source {
	/** Host and port of the model server. */
	host: string;
	model: string;
	/** Kept out of every sentence and log. */
	key?: string | undefined;
	maxTurns: number;
}

/** Turns whatever went wrong into a sentence a person can act on; the cause is masked, for the log. */
export function explain(cause: unknown, source: Source): RunFailure {
	if (cause instanceof RunFailure) return cause;
	const failure = recognize(cause, source);
	return new RunFailure(
		failure.code,
		failure.message,
		failure.retryable,
		masked(cause, source.key)
	);
}

/** An error as the operator's log may show it: without the key, or anything that looks like one. */
export function masked(cause: unknown, key: string | undefined): Error {
	const error = cause instanceof Error ? cause : new Error(String(cause));
	const copy = new Error(mask(error.message, key));
	copy.name = error.name;
	copy.stack = mask(error.stack ?? '', key);
	if (error.cause !== undefined) copy.cause = masked(error.cause, key);
	return copy;
}

/** What the model server said went wrong, after it had begun to answer. */
export function failedMidway(code: unknown, message: unknown): RunFailure {
	const cause = new Error(`The model server said: ${String(code)}: ${String(message)}`);
	if (code === 'rate_limit_exceeded') return new RunFailure(...busy(undefined), cause);
	if (code === NO_CREDIT) return new RunFailure(...noCredit, cause);
	if (code === 'context_length_exceeded') return new RunFailure(...TOO_LONG, cause);
	return new RunFailure(
		'model-failed',
		'The model server failed in the middle of the answer. Ask again.',
		true,
		cause
	);
}

/** The stream came to an end before the answer did. */
export function brokenOff(cause?: unknown): RunFailure {
	const sentence = 'The model server broke off in the middle of the answer. Ask again.';
	return new RunFailure('model-failed', sentence, true, cause);
}

/** The model server sent what is no answer. */
export function unintelligible(cause: unknown): RunFailure {
	const sentence = 'The model server sent something that is not an answer.';
	return new RunFailure('model-failed', sentence, true, cause);
}

/** The model said nothing for longer than it may. */
export function tooQuiet(milliseconds: number): RunFailure {
	const seconds = String(Math.round(milliseconds / 100) / 10);
	const sentence = `The model said nothing for ${seconds} s, so the answer was ended. Ask again.`;
	return new RunFailure('model-timeout', sentence, true);
}

const NO_CREDIT = 'insufficient_quota';

const noCredit: Explanation = [
	'rate-limited',
	'The account at the model server has no credit left. Add some there, or set another OPENAI_API_KEY.',
	false
];

const SHORTEST_KEY = 8;

type Explanation = [code: RunFailure['code'], message: string, retryable: boolean];

const TOO_LONG: Explanation = [
	'context-too-long',
	'The conversation is longer than the model can read. Begin a new one, or ask with less text.',
	false
];

function recognize(cause: unknown, source: Source) {
	const [code, message, retryable] = explanation(cause, source);
	return { code, message, retryable };
}

function explanation(cause: unknown, source: Source): Explanation {
	if (cause instanceof MaxTurnsExceededError) {
		const turns = String(source.maxTurns);
		return ['too-many-turns', `The agent did not come to an end within ${turns} turns.`, true];
	}
	if (cause instanceof ModelRefusalError) {
		return ['model-refused', 'The model refused to answer.', false];
	}
	if (cause instanceof APIConnectionError) return unreachable(cause, source);
	if (cause instanceof APIError) return refused(cause as APIError, source);
	if (cause instanceof ModelBehaviorError) {
		return ['model-failed', 'The model said something that cannot be understood. Ask again.', true];
	}
	return ['internal', 'The server failed while it was answering. Its log says why.', true];
}

function refused(error: APIError, source: Source): Explanation {
	const status = Number(error.status);
	const said = error.message.toLowerCase();
	const tooLong =
		error.code === 'context_length_exceeded' ||
		(status < 500 && /context (length|window|size)|maximum context|prompt is too long/.test(said));
	if (tooLong) return TOO_LONG;

	switch (status) {
		case 401:
		case 403: {
			const help = source.key
				? 'refused the key. Check OPENAI_API_KEY.'
				: 'wants a key. Set OPENAI_API_KEY.';
			return ['model-key-refused', `The model server ${help}`, false];
		}
		case 404: {
			const model = `The model server does not know the model “${source.model}”.`;
			const help = said.includes('model')
				? `${model} Check OPENAI_MODEL.`
				: `${model} Check OPENAI_MODEL, OPENAI_BASE_URL and OPENAI_API.`;
			return ['model-unknown', help, false];
		}
		case 429:
			return isWithoutCredit(error) ? noCredit : busy(waitOf(error.headers));
	}
	if (status >= 300 && status < 400) {
		const sentence = `The model server at ${source.host} points to another address. Check OPENAI_BASE_URL.`;
		return ['model-failed', sentence, false];
	}
	if (status >= 500) {
		return ['model-failed', `The model server failed (${String(status)}). Ask again.`, true];
	}
	if (status >= 400) {
		const sentence = `The model server refused the request (${String(status)}). The server’s log says why.`;
		return ['invalid-request', sentence, false];
	}
	return ['model-failed', 'The model server failed in the middle of the answer. Ask again.', true];
}

/** Asking again would not help, whatever the status says. */
export function isWithoutCredit({ code, type }: APIError): boolean {
	return code === NO_CREDIT || type === NO_CREDIT;
}

function unreachable(error: APIConnectionError, { host }: Source): Explanation {
	if (codeOf(error) === 'ECONNRESET') {
		return ['model-unreachable', `The model server at ${host} hangs up without an answer.`, true];
	}
	const sentence = `The model server at ${host} cannot be reached. Check that it runs, and OPENAI_BASE_URL.`;
	return ['model-unreachable', sentence, true];
}

function busy(seconds: number | undefined): Explanation {
	const wait = seconds === undefined ? 'Ask again later.' : `It asks to wait ${String(seconds)} s.`;
	return ['rate-limited', `The model server is answering as much as it may. ${wait}`, true];
}

/** The seconds that a server asks to wait, from `retry-after-ms` or `retry-after`. */
export function waitOf(headers: Headers | undefined): number | undefined {
	const milliseconds = Number(headers?.get('retry-after-ms') ?? NaN);
	if (milliseconds > 0) return Math.ceil(milliseconds / 1000);
	const after = headers?.get('retry-after');
	if (!after) return undefined;
	const seconds = Number(after);
	const wait = Number.isNaN(seconds) ? (Date.parse(after) - Date.now()) / 1000 : seconds;
	return wait > 0 ? Math.ceil(wait) : undefined;
}

function codeOf(error: unknown): unknown {
	for (let at = error; at instanceof Error; at = at.cause) {
		if ('code' in at && at.code) return at.code;
	}
	return undefined;
}

function mask(text: string, key = ''): string {
	// a shorter one is a dummy for a server of one's own, and its letters are in every other word
	const hidden = key.length >= SHORTEST_KEY ? text.replaceAll(key, '[key]') : text;
	return hidden.replace(/\b(sk-|Bearer )[\w.*-]{6,}/g, '$1[key]');
}
