import { EventSource } from 'eventsource';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WIRES } from '#lib/wire/wires.ts';
import { ask, eventsOf } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';

let server: TestServer;

beforeAll(async () => {
	server = await startServer({ FLUSH_MS: '10' });
});
afterAll(() => server.remove());

test.for(Object.keys(WIRES))(
	'the eventsource package reads %s live, and is told when there is no more',
	async (wire) => {
		const runId = await start('What time is it?');
		const live = await read(`${server.url}/api/runs/${runId}/events?wire=${wire}`);
		const late = await read(`${server.url}/api/runs/${runId}/events?wire=${wire}`);
		expect(live.length).toBeGreaterThan(1);
		expect(live).toEqual(late);
		expect(new Set(live.map(({ lastEventId }) => lastEventId.split(':')[0]))).toEqual(
			new Set([runId])
		);
	}
);

test('the eventsource package starts a run by GET, and only one', async () => {
	const before = await count();
	const messages = await read(`${server.url}/api/agent/stream?input=${encodeURIComponent('1+1')}`);
	expect(messages.map(({ data }) => data).join('')).toContain('2');
	expect(await count()).toBe(before + 1);
});

/** The names that wires give to events: `named`, and `openai-responses`. */
const NAMES = [
	...['token', 'tool_start', 'tool_complete', 'failed', 'done'],
	...['response.created', 'response.output_text.delta', 'response.completed']
];

/** Every message until the server says that there is no more; it comes again after each end. */
function read(url: string): Promise<{ data: string; lastEventId: string }[]> {
	return new Promise((resolve) => {
		const messages: { data: string; lastEventId: string }[] = [];
		const source = new EventSource(url);
		const keep = ({ data, lastEventId }: MessageEvent<string>) =>
			messages.push({ data, lastEventId });
		source.addEventListener('message', keep);
		for (const name of NAMES) {
			source.addEventListener(name, keep);
		}
		source.addEventListener('error', () => {
			if (source.readyState === EventSource.CLOSED) resolve(messages);
		});
	});
}

async function start(text: string): Promise<string> {
	for await (const event of eventsOf(await ask(server.url, { text }))) {
		if (event.type === 'run-start') return event.runId;
	}
	throw new Error('no run was started');
}

async function count(): Promise<number> {
	const list = await (await fetch(`${server.url}/api/conversations?limit=100`)).text();
	return list.match(/"title"/g)?.length ?? 0;
}
