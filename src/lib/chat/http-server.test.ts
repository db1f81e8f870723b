import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { UnreadableRun } from '#lib/wire/read-run.ts';
import { httpServer } from './http-server.ts';
import { Refused, Unreachable } from './server.ts';

const STREAM = { 'content-type': 'text/event-stream' };
const EVENT = 'data: {"type":"turn-start","turn":1,"seq":1}\n\n';
const listening = () => ({ signal: new AbortController().signal });

test('a question is posted as JSON with its key, and its run is read', async () => {
	const { server, requests } = await serve((_, response) => {
		response.writeHead(200, STREAM).end(EVENT);
	});
	const stream = await server.start({ conversationId: 'c1', text: 'Hi' }, 'k1', listening());
	expect(await collect(stream)).toEqual([[{ type: 'turn-start', turn: 1, seq: 1 }]]);
	expect(requests).toMatchObject([
		{
			line: 'POST /api/runs',
			headers: { 'idempotency-key': 'k1', 'content-type': 'application/json' },
			body: '{"conversationId":"c1","text":"Hi"}'
		}
	]);
});

test('a run is followed after an event, and one that was read to its end has no stream', async () => {
	const { server, requests } = await serve((request, response) => {
		if (request.url?.endsWith('=9')) response.writeHead(204).end();
		else response.writeHead(200, STREAM).end(EVENT);
	});
	expect(await server.follow('r 1', 0, listening())).toBeDefined();
	expect(await server.follow('r 1', 9, listening())).toBeUndefined();
	expect(requests[0]?.line).toBe('GET /api/runs/r%201/events?after=0');
});

test('the list, the conversation and its changes go where they belong', async () => {
	const page = { conversations: [] };
	const { server, requests } = await serve((_, response) => {
		response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(page));
	});
	expect(await server.conversations()).toEqual(page);
	expect(await server.conversations('b&1')).toEqual(page);
	expect(await server.conversation('c1')).toEqual(page);
	expect(await server.cast()).toEqual(page);
	await server.rename('c1', 'Rivers');
	await server.remove('c1');
	await server.stop('r1');
	expect(requests.map(({ line, body }) => line + ' ' + body)).toEqual([
		'GET /api/conversations ',
		'GET /api/conversations?before=b%261 ',
		'GET /api/conversations/c1 ',
		'GET /api/agents ',
		'PATCH /api/conversations/c1 {"title":"Rivers"}',
		'DELETE /api/conversations/c1 {}',
		'POST /api/runs/r1/stop {}'
	]);
});

test('a refusal carries its status, code and sentence', async () => {
	const { server } = await serve((_, response) => {
		const error = { code: 'conversation-busy', message: 'Wait for the answer.' };
		response.writeHead(409).end(JSON.stringify({ error }));
	});
	const refused = server.start({ text: 'Hi' }, 'k1', listening());
	await expect(refused).rejects.toThrow(
		new Refused(409, 'conversation-busy', 'Wait for the answer.')
	);
	await expect(refused).rejects.toMatchObject({ status: 409, code: 'conversation-busy' });
});

test('a decision goes to the run that asked, by its approval', async () => {
	const { server, requests } = await serve((_, response) => {
		response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
	});
	await server.answer('r/1', 'p 1', { approved: false, reason: 'No.' });
	expect(requests).toMatchObject([
		{ line: 'POST /api/runs/r%2F1/approvals/p%201', body: '{"approved":false,"reason":"No."}' }
	]);
});

test('a refusal by something in between, in its own words, is one all the same', async () => {
	const { server } = await serve((_, response) => {
		response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
	});
	await expect(server.stop('r1')).rejects.toMatchObject({ status: 502, code: 'http-502' });
});

test('a page in place of a stream is said to be none', async () => {
	const { server } = await serve((_, response) => {
		response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sign in</h1>');
	});
	const stream = await server.start({ text: 'Hi' }, 'k1', listening());
	await expect(collect(stream)).rejects.toThrow(UnreadableRun);
});

test('a server that is not there, and a connection that breaks, are unreachable', async () => {
	const gone = httpServer(fetch, 'http://127.0.0.1:1');
	await expect(gone.stop('r1')).rejects.toThrow(Unreachable);

	const { server } = await serve((_, response) => {
		response.writeHead(200, STREAM).write(EVENT);
		setTimeout(() => response.destroy(), 20);
	});
	const stream = await server.start({ text: 'Hi' }, 'k1', listening());
	await expect(collect(stream)).rejects.toThrow(Unreachable);
});

test('leaving closes the connection', async () => {
	const closed = Promise.withResolvers<undefined>();
	const { server } = await serve((_, response) => {
		response.writeHead(200, STREAM).write(EVENT);
		response.on('close', () => {
			closed.resolve(undefined);
		});
	});
	const stream = await server.start({ text: 'Hi' }, 'k1', listening());
	const batches: unknown[] = [];
	for await (const batch of stream) {
		batches.push(batch);
		break;
	}
	await closed.promise;
	expect(batches).toHaveLength(1);
});

/** A real server that answers as told, and notes what it was asked. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
	const requests: { line: string; headers: IncomingMessage['headers']; body: string }[] = [];
	const listener = createServer((request, response) => {
		let body = '';
		request.on('data', (chunk: Buffer) => (body += chunk.toString()));
		request.on('end', () => {
			const line = `${request.method ?? ''} ${request.url ?? ''}`;
			requests.push({ line, headers: request.headers, body });
			answer(request, response);
		});
	});
	await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		listener.close();
		listener.closeAllConnections();
	});
	const { port } = listener.address() as AddressInfo;
	return { server: httpServer(fetch, `http://127.0.0.1:${String(port)}`), requests };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
	const all: T[] = [];
	for await (const item of items) all.push(item);
	return all;
}
