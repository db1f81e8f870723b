import {
	parseJsonEventStream,
	readUIMessageStream,
	uiMessageChunkSchema,
	type UIMessage,
	type UIMessageChunk
} from 'ai';
import type { EventSourceMessage } from 'eventsource-parser';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { fold } from '#lib/protocol/fold.ts';
import { isTerminal, type Numbered } from '#lib/protocol/events.ts';
import { textOf, type Message } from '#lib/protocol/messages.ts';
import { log } from '../../../tests/transcripts/arbitrary-log.ts';
import { respond } from './respond.ts';
import { WIRES } from './wires.ts';

const PATIENCE = { keepAliveMs: 60_000, stallMs: 60_000 };

test('native: folding what was read gives the message that was said', async () => {
	await fc.assert(
		fc.asyncProperty(log, async (events) => {
			const read = (await readSse(events, 'native')).map(
				({ data }) => JSON.parse(data) as Numbered
			);
			expect(folded(read)).toEqual(folded(events));
		})
	);
});

test('native: the cursor of each event is its run and number', async () => {
	await fc.assert(
		fc.asyncProperty(log, async (events) => {
			const ids = (await readSse(events, 'native')).map(({ id }) => id);
			expect(ids).toEqual(events.map(({ seq }) => `r1:${String(seq)}`));
		})
	);
});

test('text: the data put together is the answer, with line breaks as LF', async () => {
	await fc.assert(
		fc.asyncProperty(log, async (events) => {
			const deltas = (await readSse(events, 'text')).filter(({ event }) => event === undefined);
			expect(deltas.map(({ data }) => data).join('')).toBe(
				said(events)
					.map((delta) => delta.toWellFormed().replaceAll(/\r\n|\r/g, '\n'))
					.join('')
			);
		})
	);
});

test('text: a failure is an error-message, told apart from what the model says', async () => {
	await fc.assert(
		fc.asyncProperty(log, async (events) => {
			const errors = (await readSse(events, 'text')).filter(
				({ event }) => event === 'error-message'
			);
			expect(errors.map(({ data }) => data)).toEqual(failures(events));
		})
	);
});

test('delta: deltas come back as they were, and done comes last in every case', async () => {
	await fc.assert(
		fc.asyncProperty(log, async (events) => {
			const read = (await readSse(events, 'delta')).map(
				({ data }) => JSON.parse(data) as { delta?: string; error?: string; done?: boolean }
			);
			expect(read.flatMap(({ delta }) => delta ?? [])).toEqual(said(events));
			expect(read.flatMap(({ error }) => error ?? [])).toEqual(failures(events));
			expect(read.filter(({ done }) => done)).toEqual([read.at(-1)]);
		})
	);
});

test('ui-message: the AI SDK reads back the reply', async () => {
	await fc.assert(
		fc.asyncProperty(log, async (events) => {
			const { message, errors } = await readWithAiSdk(events);
			const texts = message?.parts.flatMap((part) => (part.type === 'text' ? part.text : []));
			const [reply] = folded(events);
			expect(message?.id).toBe('m1');
			expect(texts?.join('\n\n')).toBe(textOf(reply!));
			expect(errors).toEqual(failures(events));
		})
	);
});

test('ui-message: the AI SDK reads back tools with what became of them', async () => {
	const { message } = await readWithAiSdk([
		start,
		{ seq: 2, type: 'tool-start', callId: 'a', name: 'clock' },
		{ seq: 3, type: 'tool-start', callId: 'b', name: 'clock' },
		{ seq: 4, type: 'tool-input', callId: 'a', name: 'clock', input: { zone: 'UTC' } },
		{ seq: 5, type: 'tool-input', callId: 'b', name: 'clock', input: {} },
		{ seq: 6, type: 'tool-error', callId: 'b', name: 'clock', message: 'No zone.', durationMs: 1 },
		{ seq: 7, type: 'tool-end', callId: 'a', name: 'clock', output: '09:48', durationMs: 9 },
		{ seq: 8, type: 'run-end', reason: 'done', usage, durationMs: 9 }
	]);
	expect(message?.parts).toMatchObject([
		{ type: 'dynamic-tool', toolName: 'clock', state: 'output-available', output: '09:48' },
		{ type: 'dynamic-tool', toolName: 'clock', state: 'output-error', errorText: 'No zone.' }
	]);
});

test('ui-message: keys that the AI SDK takes for an attack do not end its stream', async () => {
	const input = JSON.parse(
		'{"__proto__":{"a":1},"constructor":{"prototype":{}},"zone":{"__proto__":1,"name":"UTC"}}'
	) as unknown;
	const { message } = await readWithAiSdk([
		start,
		{ seq: 2, type: 'tool-start', callId: 'a', name: 'clock' },
		{ seq: 3, type: 'tool-input', callId: 'a', name: 'clock', input }
	]);
	expect(message?.parts).toMatchObject([{ toolName: 'clock', input: { zone: { name: 'UTC' } } }]);
});

test('ui-message: a stop is an abort, a limit is a length, and [DONE] comes last', async () => {
	const endings = await Promise.all(
		(['stopped', 'limit', 'done'] as const).map(async (reason) => {
			const end: Numbered = { seq: 2, type: 'run-end', reason, usage, durationMs: 1 };
			const read = await readSse([start, end], 'ui-message');
			expect(read.at(-1)).toMatchObject({ data: '[DONE]', id: 'r1:2' });
			return JSON.parse(read.at(-2)!.data) as object;
		})
	);
	expect(endings).toMatchObject([
		{ type: 'abort' },
		{ type: 'finish', finishReason: 'length' },
		{ type: 'finish', finishReason: 'stop' }
	]);
});

test.for(Object.keys(WIRES))('%s: begins with a retry and the id of the start', async (name) => {
	const text = await bodyOf([start, { seq: 2, type: 'turn-start', turn: 1 }], name);
	const [retry, first] = text.split('\n\n');
	expect(retry).toBe('retry: 1000');
	expect(first!.split('\n').at(-1)).toBe('id: r1:1');
	expect(text).not.toContain('\r');
});

test.for(Object.keys(WIRES))('%s: a silent run is kept alive with comments', async (name) => {
	const silence = new Promise<void>((resolve) => setTimeout(resolve, 200));
	const follow = async function* () {
		yield [start];
		await silence;
		yield [{ seq: 2, type: 'run-end', reason: 'done', usage, durationMs: 1 } satisfies Numbered];
	};
	const response = await respond({ ...followed, follow }, WIRES[name]!, {
		keepAliveMs: 20,
		stallMs: 60_000
	});
	expect(await response.text()).toMatch(/id: r1:1\n\n(: keep-alive\n\n)+/);
});

test('a reader that takes nothing is let go, and the run is not asked to stop', async () => {
	let left = false;
	const onleave = vi.fn();
	const oncut = vi.fn();
	const follow = async function* () {
		try {
			for (let seq = 1; ; seq++) yield await Promise.resolve([{ ...start, seq }]);
		} finally {
			left = true;
		}
	};
	const { body } = await respond({ ...followed, follow, onleave, oncut }, WIRES['native']!, {
		keepAliveMs: 60_000,
		stallMs: 100
	});
	const reader = body!.getReader();
	for (let reads = 0; reads < 50; reads++) await reader.read();
	expect(oncut).not.toHaveBeenCalled();
	await vi.waitFor(() => {
		expect(oncut).toHaveBeenCalledOnce();
	});
	await expect(reader.read()).rejects.toThrow('takes nothing');
	expect([left, onleave.mock.calls.length]).toEqual([true, 0]);
});

test('a run that is over and has no more words on a wire is answered with 204', async () => {
	const rest: Numbered[] = [{ seq: 2, type: 'run-end', reason: 'done', usage, durationMs: 1 }];
	expect((await answer(rest, 'text', true)).status).toBe(204);
	expect((await answer(rest, 'delta', true)).status).toBe(200);
	expect((await answer([], 'native', true)).status).toBe(204);
});

test('cancelling the body ends the following, and whoever wants to know is told', async () => {
	let left = false;
	const onleave = vi.fn();
	const follow = async function* (_after: number, signal: AbortSignal) {
		try {
			yield [start];
			await new Promise((resolve) => {
				signal.addEventListener('abort', resolve);
			});
		} finally {
			left = true;
		}
	};
	const response = await respond({ ...followed, follow, onleave }, WIRES['native']!, PATIENCE);
	const reader = response.body!.getReader();
	await reader.read();
	await reader.read();
	const pending = reader.read();
	await reader.cancel();
	await pending;
	expect(left).toBe(true);
	expect(onleave).toHaveBeenCalledOnce();
});

test('who reads to the end has not left', async () => {
	const onleave = vi.fn();
	const end: Numbered = { seq: 2, type: 'run-end', reason: 'done', usage, durationMs: 1 };
	// eslint-disable-next-line @typescript-eslint/require-await
	const follow = async function* () {
		yield [start, end];
	};
	await (await respond({ ...followed, follow, onleave }, WIRES['native']!, PATIENCE)).text();
	expect(onleave).not.toHaveBeenCalled();
});

const followed = { runId: 'r1', after: 0, over: false };

type Parsed = { success: true; value: UIMessageChunk } | { success: false; error: Error };

const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 };
const start: Numbered = {
	seq: 1,
	type: 'run-start',
	runId: 'r1',
	conversationId: 'c1',
	messageId: 'm1',
	agent: 'assistant',
	model: 'demo'
};

function answer(events: Numbered[], wire: string, over = false): Promise<Response> {
	// eslint-disable-next-line @typescript-eslint/require-await
	const follow = async function* () {
		for (const event of events) yield [event];
	};
	return respond({ ...followed, follow, over }, WIRES[wire]!, PATIENCE);
}

async function bodyOf(events: Numbered[], wire: string): Promise<string> {
	return (await answer(events, wire)).text();
}

async function readSse(events: Numbered[], wire: string): Promise<EventSourceMessage[]> {
	const { body } = await answer(events, wire);
	const stream = body!
		.pipeThrough(new TextDecoderStream())
		.pipeThrough(new EventSourceParserStream());
	const read: EventSourceMessage[] = [];
	for await (const message of stream) read.push(message);
	return read;
}

/** Through the AI SDK's own parser, schema and message builder. */
async function readWithAiSdk(events: Numbered[]) {
	const { body } = await answer(events, 'ui-message');
	const parsed = parseJsonEventStream({ stream: body!, schema: uiMessageChunkSchema });
	const stream = parsed.pipeThrough(
		new TransformStream<Parsed, UIMessageChunk>({
			transform(chunk, controller) {
				if (!chunk.success) throw chunk.error;
				controller.enqueue(chunk.value);
			}
		})
	);
	const errors: string[] = [];
	const onError = (cause: unknown) => void errors.push((cause as Error).message);
	let message: UIMessage | undefined;
	for await (const read of readUIMessageStream({ stream, onError })) message = read;
	return { message, errors };
}

function folded(events: Numbered[]): Message[] {
	const messages: Message[] = [];
	for (const event of events) fold(messages, event);
	return messages;
}

function said(events: Numbered[]): string[] {
	return events.flatMap((event) => (event.type === 'text-delta' ? event.delta : []));
}

function failures(events: Numbered[]): string[] {
	const last = events.at(-1)!;
	return isTerminal(last) && last.type === 'run-error' ? [last.message] : [];
}
