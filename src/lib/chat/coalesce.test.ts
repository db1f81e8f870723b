import type { UIMessageChunk } from 'ai';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coalesce } from './coalesce.ts';
import { ScriptedSurroundings, settle } from './scripted.ts';

test('the first delta of a part comes at once, those after it as one', async () => {
	const { source, came, surroundings } = begin();
	source.enqueue({ type: 'text-start', id: 't' });
	for (const word of ['a', 'b', 'c']) source.enqueue(text(word));
	await settle();
	expect(came).toEqual([{ type: 'text-start', id: 't' }, text('a')]);
	await surroundings.pass(32);
	expect(came).toHaveLength(2);
	await surroundings.pass(1);
	expect(came.slice(2)).toEqual([text('bc')]);

	source.enqueue(text('d'));
	source.enqueue(text('e'));
	await settle();
	await surroundings.pass(33);
	expect(came.slice(3)).toEqual([text('de')]);
});

test('parts that grow side by side are merged each by itself', async () => {
	const { source, came, surroundings } = begin();
	for (let time = 0; time < 3; time++) {
		source.enqueue(text(String(time)));
		source.enqueue({ type: 'reasoning-delta', id: 't', delta: 'hm' });
		source.enqueue({ type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '[' });
	}
	await settle();
	await surroundings.pass(33);
	expect(came.slice(3)).toEqual([
		text('12'),
		{ type: 'reasoning-delta', id: 't', delta: 'hmhm' },
		{ type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '[[' }
	]);
});

test('what is no delta goes through at once, after the deltas before it', async () => {
	const { source, came } = begin();
	for (const word of ['a', 'b', 'c']) source.enqueue(text(word));
	source.enqueue({ type: 'text-end', id: 't' });
	await settle();
	expect(came).toEqual([text('a'), text('bc'), { type: 'text-end', id: 't' }]);
});

test('the end and a failure let out what waits first', async () => {
	const ended = begin();
	for (const word of ['a', 'b', 'c']) ended.source.enqueue(text(word));
	ended.source.close();
	await ended.done;
	expect(ended.came).toEqual([text('a'), text('bc')]);

	const failed = begin();
	for (const word of ['a', 'b', 'c']) failed.source.enqueue(text(word));
	await settle();
	failed.source.error(new TypeError('network error'));
	await expect(failed.done).rejects.toThrow('network error');
	expect(failed.came).toEqual([text('a'), text('bc')]);
});

test('cancelling cancels the source', async () => {
	const cancelled: unknown[] = [];
	const source = new ReadableStream<UIMessageChunk>({
		cancel: (reason) => void cancelled.push(reason)
	});
	const reader = coalesce(source).getReader();
	const pending = reader.read();
	await reader.cancel('left');
	expect(await pending).toEqual({ done: true, value: undefined });
	expect(cancelled).toEqual(['left']);
});

test('whatever comes, each part gets all its text, and the rest keeps its order', async () => {
	const part = fc.constantFrom('x', 'y');
	const chunk = fc.oneof(
		fc.tuple(part, fc.string()).map(([id, delta]): UIMessageChunk => ({
			type: 'text-delta',
			id,
			delta
		})),
		part.map((id): UIMessageChunk => ({ type: 'text-start', id })),
		part.map((id): UIMessageChunk => ({ type: 'text-end', id }))
	);
	await fc.assert(
		fc.asyncProperty(fc.array(chunk), async (chunks) => {
			const { source, came, done } = begin();
			for (const one of chunks) source.enqueue(one);
			source.close();
			await done;
			for (const id of ['x', 'y']) expect(story(came, id)).toEqual(story(chunks, id));
			expect(came.filter(({ type }) => type !== 'text-delta')).toEqual(
				chunks.filter(({ type }) => type !== 'text-delta')
			);
		})
	);
});

function text(delta: string): UIMessageChunk {
	return { type: 'text-delta', id: 't', delta };
}

/** What one part lives through: its text as it is between its starts and ends. */
function story(chunks: UIMessageChunk[], id: string): string {
	return chunks
		.filter((chunk) => 'id' in chunk && chunk.id === id)
		.map((chunk) => (chunk.type === 'text-delta' ? chunk.delta : `<${chunk.type}>`))
		.join('');
}

function begin() {
	const surroundings = new ScriptedSurroundings();
	let source!: ReadableStreamDefaultController<UIMessageChunk>;
	const stream = new ReadableStream<UIMessageChunk>({
		start(controller) {
			source = controller;
		}
	});
	const came: UIMessageChunk[] = [];
	const done = (async () => {
		for await (const chunk of coalesce(stream, surroundings)) came.push(chunk);
	})();
	done.catch(() => undefined);
	return { source, came, surroundings, done };
}
