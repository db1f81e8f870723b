import type { Cast, ConversationPage, ConversationView } from '#lib/protocol/conversations.ts';
import type { Numbered } from '#lib/protocol/events.ts';
import { readRun, UnreadableRun } from '#lib/wire/read-run.ts';
import {
	type CastServer,
	type Listening,
	type ListServer,
	Refused,
	type RunStream,
	type Server,
	Unreachable
} from './server.ts';

// Kit takes a request without a content type for a form, and refuses it from outside a browser
const JSON_HEADERS = { 'content-type': 'application/json' };

/**
 * The server over HTTP, at `base` (the page's own when empty). `fetch` is a parameter so that
 * tests and the command line can bring their own.
 */
export function httpServer(
	fetch: typeof globalThis.fetch = globalThis.fetch,
	base = ''
): Server & ListServer & CastServer {
	async function request(path: string, init: RequestInit = {}): Promise<Response> {
		let response: Response;
		try {
			response = await fetch(base + path, init);
		} catch (cause) {
			throw new Unreachable('The server cannot be reached.', { cause });
		}
		if (!response.ok) throw await refusal(response);
		return response;
	}

	const change = (method: string, path: string, body: unknown = {}, init: RequestInit = {}) =>
		request(path, { ...init, method, headers: JSON_HEADERS, body: JSON.stringify(body) });

	return {
		async start(question, key, listening) {
			const response = await request('/api/runs', {
				method: 'POST',
				headers: { ...JSON_HEADERS, 'idempotency-key': key },
				body: JSON.stringify(question),
				signal: listening.signal
			});
			return read(response, listening);
		},
		async follow(runId, after, listening) {
			const path = `/api/runs/${encodeURIComponent(runId)}/events?after=${String(after)}`;
			const response = await request(path, { signal: listening.signal });
			return response.status === 204 ? undefined : read(response, listening);
		},
		async stop(runId) {
			await change('POST', `/api/runs/${encodeURIComponent(runId)}/stop`);
		},
		async answer(runId, approvalId, decision) {
			const run = `/api/runs/${encodeURIComponent(runId)}`;
			await change('POST', `${run}/approvals/${encodeURIComponent(approvalId)}`, decision);
		},
		async cast() {
			return json<Cast>(await request('/api/agents'));
		},
		async conversation(id) {
			return json<ConversationView>(await request(conversationPath(id)));
		},
		async conversations(before) {
			const query = before === undefined ? '' : `?before=${encodeURIComponent(before)}`;
			return json<ConversationPage>(await request(`/api/conversations${query}`));
		},
		async rename(id, title) {
			await change('PATCH', conversationPath(id), { title });
		},
		async remove(id) {
			// keepalive: the page may be going away while it asks
			await change('DELETE', conversationPath(id), {}, { keepalive: true });
		}
	};
}

function conversationPath(id: string): string {
	return `/api/conversations/${encodeURIComponent(id)}`;
}

async function* read(response: Response, { onretry }: Listening): AsyncGenerator<Numbered[]> {
	if (!response.headers.get('content-type')?.startsWith('text/event-stream') || !response.body) {
		throw new UnreadableRun('What answered is not a stream of events.');
	}
	try {
		yield* readRun(chunks(response.body), onretry) satisfies RunStream;
	} catch (cause) {
		if (cause instanceof UnreadableRun) throw cause;
		throw new Unreachable('The connection was cut.', { cause });
	}
}

/** The chunks of a body; not every browser can iterate over a stream by itself. */
async function* chunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
	const reader = body.getReader();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			yield value;
		}
	} finally {
		reader.cancel().catch(() => undefined); // a body that failed cannot be cancelled any more
	}
}

async function json<T>(response: Response): Promise<T> {
	try {
		return (await response.json()) as T;
	} catch (cause) {
		throw new Unreachable('The answer was cut.', { cause });
	}
}

/** What the server said when it turned the request down; proxies in between say it in their own way. */
async function refusal(response: Response): Promise<Refused> {
	const { status } = response;
	try {
		const { error } = (await response.json()) as { error: { code: string; message: string } };
		return new Refused(status, error.code, error.message);
	} catch {
		const code = `http-${String(status)}`;
		return new Refused(status, code, `The server answered with status ${String(status)}.`);
	}
}
