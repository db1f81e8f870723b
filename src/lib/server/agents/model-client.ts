import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type OpenAI from 'openai';
import { APIConnectionError, APIError } from 'openai';
import type { Digest } from './digests.ts';
import { readEvents } from './event-stream.ts';
import { isWithoutCredit, unintelligible, waitOf } from './failures.ts';

const ERROR_BODY_LIMIT = 64 * 1024;
const RETRIES = 2;
const FIRST_WAIT_MS = 500;
/** A longer wait is told to the reader, who decides. */
const LONGEST_WAIT_S = 5;

// connections outlive runs: a handshake costs more than an answer's first token
const sockets = {
	http: new HttpAgent({ keepAlive: true, scheduling: 'lifo' }),
	https: new HttpsAgent({ keepAlive: true, scheduling: 'lifo' })
};

/** Whoever listens to a model server, event by event, as they arrive. */
export type Hear = (event: unknown) => void;

export interface ModelServer {
	baseUrl: string;
	/** Without a key, none is sent. */
	key: string | undefined;
}

/** What the SDK's models hand to a client besides the body. */
interface Options {
	headers?: Record<string, string>;
	signal?: AbortSignal;
	maxRetries?: number;
}

/**
 * The OpenAI client as far as the SDK's models use it, at a fraction of the work. Every event of an
 * answer is handed to `hear` at once; the SDK gets what the answer came to, when it is over.
 *
 * It throws what the real client throws, and like it asks again when the server is busy or cannot
 * be reached. It never follows redirects, reads errors up to a limit, and closes the connection at
 * once when the signal aborts.
 */
export function modelClient(server: ModelServer, digest: () => Digest, hear: Hear): OpenAI {
	const create = (path: string) => async (body: unknown, options: Options) => {
		const url = server.baseUrl.replace(/\/$/, '') + path;
		const incoming = await ask(url, JSON.stringify(body), headersFor(server, options), options);
		return readEvents(incoming, digest(), hear);
	};
	const client = {
		baseURL: server.baseUrl,
		responses: { create: create('/responses') },
		chat: { completions: { create: create('/chat/completions') } }
	};
	return client as unknown as OpenAI;
}

function headersFor({ key }: ModelServer, { headers }: Options): Record<string, string> {
	return {
		accept: 'application/json',
		'content-type': 'application/json',
		...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
		...headers
	};
}

/** Asks, and asks again as often as may be; resolves with an answer that streams. */
async function ask(
	url: string,
	body: string,
	headers: Record<string, string>,
	{ signal, maxRetries = RETRIES }: Options
): Promise<IncomingMessage> {
	for (let retry = 0; ; retry++) {
		signal?.throwIfAborted();
		const answer = await send(url, body, headers, signal).then<
			IncomingMessage | APIError,
			APIError
		>(
			(incoming) => (isOk(incoming) ? incoming : refusal(incoming)),
			(cause: unknown) => new APIConnectionError({ cause: cause as Error })
		);
		if (!(answer instanceof APIError)) return streaming(answer);
		if (signal?.aborted || retry === maxRetries || !isPassing(answer)) throw answer as Error;
		const wait = waitOf(answer.headers);
		await sleep(wait === undefined ? FIRST_WAIT_MS * 2 ** retry : 1000 * wait, undefined, {
			signal
		});
	}
}

function send(
	url: string,
	body: string,
	headers: Record<string, string>,
	signal: AbortSignal | undefined
): Promise<IncomingMessage> {
	const secure = url.startsWith('https:');
	const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
	const outgoing = (secure ? httpsRequest : httpRequest)(url, {
		method: 'POST',
		headers: { ...headers, 'content-length': Buffer.byteLength(body) },
		agent: secure ? sockets.https : sockets.http
	});
	outgoing.on('response', resolve);
	outgoing.on('error', reject);
	// not by the option `signal`: its error may strike a connection that is free again, and so nobody
	signal?.addEventListener('abort', () => outgoing.destroy(), { once: true });
	outgoing.end(body);
	return promise;
}

function isOk({ statusCode = 0 }: IncomingMessage): boolean {
	return statusCode >= 200 && statusCode <= 299;
}

/** Too much asked, out of order, or not there: it may be otherwise in a moment. */
function isPassing(error: APIError): boolean {
	const { status, headers } = error;
	if (isWithoutCredit(error)) return false;
	const said = headers?.get('x-should-retry');
	if ((waitOf(headers) ?? 0) > LONGEST_WAIT_S || said === 'false') return false;
	const code = status;
	if (said === 'true' || code === undefined) return true;
	return code === 408 || code === 409 || code === 429 || code >= 500;
}

/** What the server says instead of an answer, as the error that the real client makes of it. */
async function refusal(incoming: IncomingMessage): Promise<APIError> {
	const headers = new Headers();
	for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
	const text = await bounded(incoming);
	let body: object | undefined;
	try {
		body = JSON.parse(text) as object;
	} catch {
		body = undefined;
	}
	return APIError.generate(incoming.statusCode, body, body ? undefined : text, headers);
}

async function bounded(incoming: IncomingMessage): Promise<string> {
	let text = '';
	incoming.setEncoding('utf8');
	for await (const piece of incoming) {
		text += String(piece);
		if (text.length > ERROR_BODY_LIMIT) break;
	}
	return text.slice(0, ERROR_BODY_LIMIT);
}

/** A web page or a compressed body would otherwise read as a stream without events. */
function streaming(incoming: IncomingMessage): IncomingMessage {
	const type = incoming.headers['content-type'] ?? '';
	const coding = incoming.headers['content-encoding'] ?? 'identity';
	if (!/html|application\/json/i.test(type) && coding === 'identity') return incoming;
	incoming.destroy();
	throw unintelligible(new Error(`It answered with ${type || 'no type'}, ${coding}.`));
}
