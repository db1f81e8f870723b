import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Numbered } from '#lib/protocol/events.ts';
import { native } from './native.ts';
import { type Patience, respond } from './respond.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a reader is told that a run is silent only while it is', async () => {
	const { reader, say } = await listen({ keepAliveMs: 1000, stallMs: 60_000 });
	for (let rounds = 0; rounds < 5; rounds++) {
		const read = reader.read();
		await vi.advanceTimersByTimeAsync(900);
		say();
		expect(textIn(await read)).toContain('data: ');
	}
	const read = reader.read();
	await vi.advanceTimersByTimeAsync(999);
	say();
	expect(textIn(await read)).toContain('data: ');
	const silence = reader.read();
	await vi.advanceTimersByTimeAsync(1000);
	expect(textIn(await silence)).toBe(': keep-alive\n\n');
});

test('a reader is not let go while it waits, but when it takes nothing after that', async () => {
	const { reader, say, oncut } = await listen({ keepAliveMs: 3_600_000, stallMs: 1000 });
	const read = reader.read();
	await vi.advanceTimersByTimeAsync(600_000);
	say();
	expect(textIn(await read)).toContain('data: ');
	await vi.advanceTimersByTimeAsync(999);
	expect(oncut).not.toHaveBeenCalled();
	await vi.advanceTimersByTimeAsync(1);
	expect(oncut).toHaveBeenCalledOnce();
	await expect(reader.read()).rejects.toThrow('takes nothing');
});

test('a reader who takes something now and then is not let go, and no comments wait for it', async () => {
	const { reader, say, oncut } = await listen({ keepAliveMs: 500, stallMs: 1000 });
	for (let rounds = 0; rounds < 5; rounds++) {
		say();
		await vi.advanceTimersByTimeAsync(900);
		expect(textIn(await reader.read())).toContain('data: ');
	}
	expect(oncut).not.toHaveBeenCalled();
});

test('a reader leaves no timer behind, however it goes', async () => {
	const patience = { keepAliveMs: 1000, stallMs: 1000 };
	const [cut, left] = [await listen(patience), await listen(patience)];
	expect(vi.getTimerCount()).toBe(4);
	await left.reader.cancel();
	expect(vi.getTimerCount()).toBe(2);
	await vi.advanceTimersByTimeAsync(1000);
	expect(cut.oncut).toHaveBeenCalledOnce();
	expect(vi.getTimerCount()).toBe(0);
});

/** A reader who has had the first block, of a run that says something whenever it is told to. */
async function listen(patience: Patience) {
	const waiting: (() => void)[] = [];
	let unheard = 0;
	const say = () => {
		unheard++;
		waiting.shift()?.();
	};
	const follow = async function* () {
		for (let seq = 1; ; seq++) {
			while (unheard === 0) await new Promise<void>((resolve) => waiting.push(resolve));
			unheard--;
			yield [{ seq, type: 'turn-start', turn: seq } satisfies Numbered];
		}
	};
	const oncut = vi.fn();
	const { body } = await respond(
		{ runId: 'r1', after: 0, over: false, follow, oncut },
		native,
		patience
	);
	const reader = body!.getReader();
	await reader.read();
	return { reader, say, oncut };
}

function textIn({ value }: ReadableStreamReadResult<Uint8Array>): string {
	return new TextDecoder().decode(value);
}
