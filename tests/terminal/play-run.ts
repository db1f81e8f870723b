import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { Numbered } from '#lib/protocol/events.ts';
import { encodeRun } from '#lib/wire/encode-run.ts';
import { SSE_HEADERS } from '#lib/wire/sse.ts';
import { native } from '#lib/wire/native.ts';

/** Tells one run over HTTP, event by event as they come. */
export async function playRun(events: AsyncIterable<Numbered>) {
	async function* batches() {
		for await (const event of events) yield [event];
	}
	const server = createServer(({ url = '' }, response) => {
		if (!url.includes('/events')) {
			response.setHeader('content-type', 'application/json').end('{"conversations":[]}');
			return;
		}
		response.writeHead(200, { ...SSE_HEADERS });
		Readable.from(encodeRun('run', batches(), native, 0)).pipe(response);
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${String(port)}`,
		close: () => {
			server.close();
			server.closeAllConnections();
		}
	};
}
