import type { UIMessageChunk } from 'ai';
import { expect, test } from 'vitest';
import { outcome } from './outcome.ts';
import { Unreachable } from './server.ts';

const start: UIMessageChunk = { type: 'start', messageId: 'm', messageMetadata: { runId: 'r1' } };

test.for([
	[{ type: 'finish', finishReason: 'stop' }, 'done'],
	[{ type: 'finish', finishReason: 'length' }, 'limit'],
	[{ type: 'finish', finishReason: 'tool-calls' }, 'paused'],
	[{ type: 'abort' }, 'stopped']
] as const)('a reply that ends with %o is marked as %s', async ([end, status]) => {
	const { chunks } = await pass([start, end]);
	expect(chunks).toEqual([start, { type: 'message-metadata', messageMetadata: { status } }, end]);
});

test('a failure ends the reply with its sentence, and with its code when that was told', async () => {
	const error: UIMessageChunk = { type: 'error', errorText: 'Wait.' };
	const failure = { code: 'rate-limited', message: 'Wait.', retryable: true };
	const told: UIMessageChunk = { type: 'message-metadata', messageMetadata: { failure } };
	const marked = (given: unknown) => ({
		type: 'message-metadata',
		messageMetadata: { status: 'failed', failure: given }
	});
	expect((await pass([told, error])).chunks).toEqual([told, marked(failure)]);
	expect((await pass([error])).chunks).toEqual([marked({ ...failure, code: 'internal' })]);
});

test('a stream that ends without an end of its reply was cut, however clean it looks', async () => {
	await expect(pass([start])).rejects.toThrow(Unreachable);
	await expect(pass([])).rejects.toThrow(Unreachable);
});

test('a stream whose reader has void text was cut too, and is read again from its start', async () => {
	const rewound: UIMessageChunk = { type: 'data-rewind', data: { reason: 'No.' }, transient: true };
	await expect(pass([start, rewound, { type: 'error', errorText: 'No.' }])).rejects.toThrow(
		Unreachable
	);
});

test('the run is known as soon as its message starts', async () => {
	expect((await pass([start, { type: 'abort' }])).runs).toEqual(['r1']);
});

async function pass(source: UIMessageChunk[]) {
	const runs: string[] = [];
	const chunks: UIMessageChunk[] = [];
	const stream = new ReadableStream<UIMessageChunk>({
		start(controller) {
			for (const chunk of source) controller.enqueue(chunk);
			controller.close();
		}
	});
	const marked = stream.pipeThrough(outcome((runId) => runs.push(runId)));
	for await (const chunk of marked) chunks.push(chunk);
	return { chunks, runs };
}
