import { createParser } from 'eventsource-parser';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Numbered } from '#lib/protocol/events.ts';
import { WIRES } from '#lib/wire/wires.ts';
import { ask, eventsOf } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';

let server: TestServer;
let runId = '';

beforeAll(async () => {
	server = await startServer();
	for await (const event of eventsOf(await ask(server.url, { text: 'what is 12*7+1' }))) {
		if (event.type === 'run-start') runId = event.runId;
	}
});
afterAll(() => server.remove());

test.for(Object.keys(WIRES))(
	'%s: cut at every byte and resumed from the last id, nothing is missing and nothing comes twice',
	async (wire) => {
		const whole = await readFrom(server.url, wire);
		const expected = parse(whole).data;
		expect(expected.length).toBeGreaterThan(2);

		const rests = new Map<string | undefined, string[]>();
		const restAfter = async (lastId: string | undefined) => {
			const known = rests.get(lastId) ?? parse(await readFrom(server.url, wire, lastId)).data;
			rests.set(lastId, known);
			return known;
		};
		for (let cut = 0; cut <= whole.length; cut++) {
			const seen = parse(whole.subarray(0, cut));
			// an event whose last frame did not arrive is said again whole: it is never half read
			const kept = seen.data.slice(0, seen.data.length - seen.sinceId);
			expect([...kept, ...(await restAfter(seen.lastId))]).toEqual(expected);
		}
	}
);

test('a run that was asked for by POST is gone on with by POST, and no second one starts', async () => {
	const response = await ask(server.url, { text: 'ignored' }, { 'last-event-id': `${runId}:1` });
	const read: Numbered[] = [];
	for await (const event of eventsOf(response)) read.push(event);
	expect(read[0]).toMatchObject({ seq: 2 });
	const list = await (await fetch(`${server.url}/api/conversations`)).text();
	expect(list.match(/"title"/g)).toHaveLength(1);
});

test('a live run, cut off again and again on the way, comes out whole', async () => {
	const proxy = await cuttingProxy(1500); // more than the head and any one event
	const events: Numbered[] = [];
	let runId_ = '';
	for await (const event of eventsOf(await ask(server.url, { text: 'write 120 words' }))) {
		if (event.type === 'run-start') runId_ = event.runId;
		break;
	}
	for (let done = false; !done;) {
		const after = events.length;
		const response = await fetch(`${proxy.url}/api/runs/${runId_}/events?after=${after}`).catch(
			() => undefined
		);
		if (!response) continue;
		for await (const event of eventsOf(response)) {
			events.push(event);
			done = event.type === 'run-end';
		}
	}
	proxy.server.close();

	expect(proxy.cuts()).toBeGreaterThan(3);
	const whole: Numbered[] = [];
	const again = await fetch(`${server.url}/api/runs/${runId_}/events`);
	for await (const event of eventsOf(again)) whole.push(event);
	expect(events).toEqual(whole);
});

/** The frames in these bytes, the last id that was read, and how many frames came after it. */
function parse(bytes: Uint8Array): { data: string[]; lastId: string | undefined; sinceId: number } {
	const data: string[] = [];
	let lastId: string | undefined;
	let sinceId = 0;
	const parser = createParser({
		onEvent(message) {
			data.push(message.data);
			sinceId++;
			if (message.id !== undefined) sinceId = 0;
		},
		onId(id) {
			lastId = id;
		}
	});
	parser.feed(new TextDecoder().decode(bytes));
	return { data, lastId, sinceId };
}

async function readFrom(url: string, wire: string, lastId?: string): Promise<Uint8Array> {
	const headers: Record<string, string> = lastId === undefined ? {} : { 'last-event-id': lastId };
	const response = await fetch(`${url}/api/runs/${runId}/events?wire=${wire}`, { headers });
	return new Uint8Array(await response.arrayBuffer());
}

/** Passes bytes on to the server and cuts each connection after so many of them. */
async function cuttingProxy(bytes: number) {
	let cuts = 0;
	const { hostname, port } = new URL(server.url);
	const proxy = createServer((client: Socket) => {
		let left = bytes;
		const upstream = connect(Number(port), hostname);
		client.pipe(upstream);
		upstream.on('data', (chunk: Buffer) => {
			client.write(chunk.subarray(0, left));
			left -= chunk.length;
			if (left > 0) return;
			cuts++;
			client.destroySoon();
			upstream.destroy();
		});
		upstream.on('end', () => client.end());
		client.on('error', () => upstream.destroy());
		upstream.on('error', () => client.destroy());
	});
	proxy.listen(0, '127.0.0.1');
	await once(proxy, 'listening');
	const address = proxy.address() as AddressInfo;
	return { url: `http://127.0.0.1:${address.port}`, server: proxy, cuts: () => cuts };
}
