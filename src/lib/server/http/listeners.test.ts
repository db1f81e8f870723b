import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Listeners } from './listeners.ts';

const DAY = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a listener expires with its token, even in two months, and not before', () => {
	const { expired } = new Listeners({ each: 1, all: 1 }).admit({
		owner: 'ada',
		until: Date.now() + 60 * DAY // more than one timer can wait
	});
	vi.advanceTimersByTime(60 * DAY - 1);
	expect([expired.aborted, vi.getTimerCount()]).toEqual([false, 1]);
	vi.advanceTimersByTime(1);
	expect([expired.aborted, vi.getTimerCount()]).toEqual([true, 0]);
});

test('a clock that is set forward is noticed', () => {
	const listeners = new Listeners({ each: 1, all: 1 });
	const { expired } = listeners.admit({ owner: 'ada', until: Date.now() + DAY });
	vi.setSystemTime(Date.now() + DAY);
	vi.advanceTimersByTime(60_000);
	expect(expired.aborted).toBe(true);
});

test('there is a timer only for who has a time, and only until it leaves', () => {
	const listeners = new Listeners({ each: 2, all: 2 });
	listeners.admit({ owner: 'ada' });
	expect(vi.getTimerCount()).toBe(0);
	const listener = listeners.admit({ owner: 'ada', until: Date.now() + DAY });
	expect(vi.getTimerCount()).toBe(1);
	listener.leave();
	expect(vi.getTimerCount()).toBe(0);
	vi.advanceTimersByTime(2 * DAY);
	expect(listener.expired.aborted).toBe(false);
});

test('who leaves makes room, once', () => {
	const listeners = new Listeners({ each: 1, all: 2 });
	const full = expect.objectContaining({ status: 429, code: 'too-many-streams' }) as Error;
	const ada = listeners.admit({ owner: 'ada' });
	expect(() => listeners.admit({ owner: 'ada' })).toThrow(full);
	listeners.admit({ owner: 'bob' });
	expect(() => listeners.admit({ owner: 'eve' })).toThrow(full);
	ada.leave();
	ada.leave();
	listeners.admit({ owner: 'ada' });
	expect(() => listeners.admit({ owner: 'eve' })).toThrow(full);
});
