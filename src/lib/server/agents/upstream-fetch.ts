import {
	Agent as HttpAgent,
	request as httpRequest,
	type ClientRequest,
	type IncomingMessage
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { RunFailure } from './answer.ts';
import type { Digest } from './digests.ts';
import { readEvents } from './event-stream.ts';
import { unintelligible, waitOf } from './failures.ts';

const ERROR_BODY_LIMIT = 64 * 1024;
const LONGEST_WAIT_S = 5;
const TELLING_HEADERS = ['content-type', 'x-request-id', 'retry-after', 'retry-after-ms'];

// connections outlive runs: a handshake costs more than an answer's first token
const sockets = {
	http: new HttpAgent({ keepAlive: true, scheduling: 'lifo' }),
	https: new HttpsAgent({ keepAlive: true, scheduling: 'lifo' })
};

/** Whoever listens to a model server, event by event, as they arrive. */
export type Hear = (event: unknown) => void;

/**
 * A `fetch` for the OpenAI client that hands every event of a stream to `hear` at once, and to the
 * client only what the answer came to. It never follows redirects, reads errors up to a limit, and
 * closes the connection at once when the signal aborts.
 */
export function upstreamFetch(hear: Hear, digest: () => Digest): typeof globalThis.fetch {
	return async (input, init = {}) => {
		const incoming = await send(input as string, init);
		const status = incoming.statusCode ?? 0;
		const headers = tellingHeaders(incoming);
		if (status < 200 || status > 299) {
			const body = await bounded(incoming);
			return new Response(body, { status: status >= 300 && status < 600 ? status : 502, headers });
		}
		const failure = whyNoStream(incoming);
		if (failure) incoming.destroy();
		// a failure goes through the body, because the client asks again after one that is thrown
		const body = failure ? failing(failure) : readEvents(incoming, digest(), hear);
		return new Response(body, { headers });
	};
}

function send(url: string, init: RequestInit): Promise<IncomingMessage> {
	const secure = url.startsWith('https:');
	const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
	const outgoing = (secure ? httpsRequest : httpRequest)(url, {
		method: init.method ?? 'GET',
		headers: Object.fromEntries(new Headers(init.headers)),
		agent: secure ? sockets.https : sockets.http
	});
	outgoing.on('response', resolve);
	outgoing.on('error', reject);
	closeOnAbort(outgoing, init.signal);
	outgoing.end(init.body as string | undefined);
	return promise;
}

/**
 * Node's own `signal` option throws an error at a connection that has just been given back, where
 * nobody listens, and the process ends.
 */
function closeOnAbort(outgoing: ClientRequest, signal: AbortSignal | null | undefined): void {
	if (!signal) return;
	let incoming: IncomingMessage | undefined;
	const close = () => {
		if (incoming) incoming.destroy();
		else outgoing.destroy(signal.reason as Error);
	};
	outgoing.once('response', (response: IncomingMessage) => (incoming = response));
	outgoing.once('close', () => {
		signal.removeEventListener('abort', close);
	});
	if (signal.aborted) close();
	else signal.addEventListener('abort', close, { once: true });
}

/** The headers that the client acts on. It would sit out any wait, which no reader does. */
function tellingHeaders(incoming: IncomingMessage): Headers {
	const headers = new Headers();
	for (const name of [...TELLING_HEADERS, 'x-should-retry']) {
		const value = incoming.headers[name];
		if (typeof value === 'string') headers.set(name, value);
	}
	if ((waitOf(headers) ?? 0) > LONGEST_WAIT_S) headers.set('x-should-retry', 'false');
	return headers;
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
function whyNoStream({ headers }: IncomingMessage): RunFailure | undefined {
	const type = headers['content-type'] ?? '';
	const coding = headers['content-encoding'] ?? 'identity';
	if (!/html|application\/json/i.test(type) && coding === 'identity') return undefined;
	return unintelligible(new Error(`It answered with ${type || 'no type'}, ${coding}.`));
}

function failing(failure: RunFailure): ReadableStream {
	return new ReadableStream({
		start(controller) {
			controller.error(failure);
		}
	});
}
