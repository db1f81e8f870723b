import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Numbered } from '#lib/protocol/events.ts';
import { encodeRun } from './encode-run.ts';
import { native } from './native.ts';
import { readRun, UnreadableRun } from './read-run.ts';
import { KEEP_ALIVE_BLOCK, RETRY_BLOCK } from './sse.ts';

const events: Numbered[] = [
	{
		type: 'run-start',
		runId: 'r1',
		conversationId: 'c1',
		messageId: 'm1',
		agent: 'a',
		model: 'm',
		seq: 1
	},
	{ type: 'text-start', partId: 't', seq: 2 },
	{ type: 'text-delta', partId: 't', delta: 'Größe 🌊 ', seq: 3 },
	{
		type: 'text-delta',
		partId: 't',
		delta: 'one\r\n\ndata: {"type":"done"}\nid: 9\0\ud800',
		seq: 4
	},
	{ type: 'text-end', partId: 't', seq: 5 }
];

test('whatever way the bytes are cut, also inside a character, the same events come', async () => {
	const bytes = await encode(events);
	for (let at = 0; at <= bytes.length; at++) {
		expect(await read([bytes.slice(0, at), bytes.slice(at)])).toEqual(events);
	}
	await fc.assert(
		fc.asyncProperty(fc.array(fc.nat({ max: bytes.length }), { maxLength: 20 }), async (cuts) => {
			expect(await read(split(bytes, cuts))).toEqual(events);
		})
	);
});

test('the events of one chunk come as one batch, and a chunk that completes none as an empty one', async () => {
	const bytes = await encode(events);
	const chunks = [bytes, new TextEncoder().encode(KEEP_ALIVE_BLOCK)];
	expect(await collect(readRun(stream(chunks)))).toEqual([events, []]);
});

test('the time to wait before a reconnect is told', async () => {
	const told: number[] = [];
	const bytes = new TextEncoder().encode(RETRY_BLOCK);
	await collect(readRun(stream([bytes]), (milliseconds) => told.push(milliseconds)));
	expect(told).toEqual([1000]);
});

test('a type of event that is not known is passed on', async () => {
	const bytes = new TextEncoder().encode('data: {"type":"telepathy","seq":1}\n\n');
	expect(await read([bytes])).toEqual([{ type: 'telepathy', seq: 1 }]);
});

test('a block that was cut off by the end of the bytes is dropped', async () => {
	const bytes = new TextEncoder().encode('data: {"type":"turn-start","turn":1,"seq":1}\n');
	expect(await read([bytes])).toEqual([]);
});

test.for(['<!doctype html>', '{"seq":1}', '{"type":"text-start","seq":"1"}', 'null', '[]'])(
	'%s is refused as something that is no event',
	async (data) => {
		const bytes = new TextEncoder().encode(`data: ${data}\n\n`);
		await expect(read([bytes])).rejects.toThrow(UnreadableRun);
	}
);

async function encode(batch: Numbered[]): Promise<Uint8Array> {
	const blocks = await collect(encodeRun('r1', stream([batch]), native));
	return new TextEncoder().encode(RETRY_BLOCK + blocks.join(''));
}

async function read(chunks: Uint8Array[]): Promise<Numbered[]> {
	return (await collect(readRun(stream(chunks)))).flat();
}

async function* stream<T>(items: T[]): AsyncGenerator<T> {
	for (const item of items) yield await Promise.resolve(item);
}

function split(bytes: Uint8Array, cuts: number[]): Uint8Array[] {
	const ends = [...new Set(cuts), bytes.length].sort((a, b) => a - b);
	return ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
	const all: T[] = [];
	for await (const item of items) all.push(item);
	return all;
}
