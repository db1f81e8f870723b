import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Body } from './body.ts';
import { renderChatCompletions, wholeChatCompletion } from './chat-completions.ts';
import type { Recorded, Reply, RequestBody, Script } from './reply.ts';
import { renderResponses, wholeResponse } from './responses.ts';
import { Pacer } from './stream.ts';

export type { Fault, Recorded, Reply, Script } from './reply.ts';

export interface UpstreamOptions {
	/** What to answer; a fixed reply is rendered once and sent to everybody, which is fast. */
	reply: Reply | Script;
	/** 0, the default, takes a free one. */
	port?: number;
	models?: string[];
}

/** A running fake of the OpenAI API on loopback. */
export interface Upstream {
	/** What `OPENAI_BASE_URL` is set to. */
	url: string;
	/** Every request so far, in order. */
	requests: Recorded[];
	/** Ends every connection and the server. */
	stop(): Promise<void>;
}

interface Api {
	render: (reply: Reply, body: RequestBody, number: number) => Body;
	whole: (reply: Reply, body: RequestBody, number: number) => unknown;
}

const APIS: Record<string, Api> = {
	'/v1/responses': { render: renderResponses, whole: wholeResponse },
	'/v1/chat/completions': { render: renderChatCompletions, whole: wholeChatCompletion }
};

/** Starts a server that talks as OpenAI's does, byte for byte, and says what it is told to. */
export async function startUpstream(options: UpstreamOptions): Promise<Upstream> {
	const { reply, models = ['gpt-test'] } = options;
	const requests: Recorded[] = [];
	const pacer = new Pacer();
	const rendered = new Map<string, Body>();
	let calls = 0;

	const server = createServer((request, response) => {
		answer(request, response).catch((cause: unknown) => {
			console.error('the fake upstream failed', cause);
			response.destroy();
		});
	});

	async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const written = await text(request);
		const body = (written ? JSON.parse(written) : {}) as RequestBody;
		const path = request.url ?? '';
		requests.push(record(request, response, path, body));

		const api = request.method === 'POST' ? APIS[path] : undefined;
		if (!api) {
			if (path === '/v1/models') json(response, 200, modelList(models));
			else
				json(response, 404, {
					error: { message: `Invalid URL (${request.method ?? ''} ${path})` }
				});
			return;
		}

		const number = calls++;
		const said = typeof reply === 'function' ? reply(body, number) : reply;
		if (said.delay) await sleep(said.delay);
		response.setHeader('x-request-id', `req_${String(number)}`);
		const { fault } = said;
		if (fault?.type === 'status') {
			for (const [name, value] of Object.entries(fault.headers ?? {}))
				response.setHeader(name, value);
			json(response, fault.status, fault.body ?? {});
			return;
		}
		if (fault?.type === 'hang' && fault.after === undefined) return;
		if (!body.stream) {
			json(response, 200, api.whole(said, body, number));
			return;
		}

		const render = () => api.render(said, body, number);
		const frames = typeof reply === 'function' ? render() : remember(rendered, path, render);
		response.setHeader('content-type', 'text/event-stream; charset=utf-8');
		response.flushHeaders();
		if (fault?.type === 'raw') response.end(fault.bytes);
		else pacer.send(response, frames, said);
	}

	await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${String(port)}/v1`,
		requests,
		async stop() {
			pacer.stop();
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await closed;
		}
	};
}

function record(
	request: IncomingMessage,
	response: ServerResponse,
	path: string,
	body: RequestBody
): Recorded {
	const { promise, resolve } = Promise.withResolvers<undefined>();
	const { method = '', headers } = request;
	const recorded = { method, path, headers, body, closedEarly: false, closed: promise, sent: 0 };
	response.on('close', () => {
		recorded.closedEarly = !response.writableFinished;
		recorded.sent = request.socket.bytesWritten;
		resolve(undefined);
	});
	return recorded;
}

function remember<T>(known: Map<string, T>, key: string, make: () => T): T {
	const value = known.get(key) ?? make();
	known.set(key, value);
	return value;
}

function json(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function modelList(models: string[]): unknown {
	const data = models.map((id) => ({
		id,
		object: 'model',
		created: 1_760_000_000,
		owned_by: 'runnel'
	}));
	return { object: 'list', data };
}
