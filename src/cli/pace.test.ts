import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pace } from './pace.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('the first wish is met at once, and all within 50 ms after it by one more', () => {
	const work = vi.fn();
	const pace = new Pace(work);
	for (let wish = 0; wish < 49; wish++) {
		pace.wish();
		vi.advanceTimersByTime(1);
	}
	expect(work).toHaveBeenCalledTimes(1);
	vi.advanceTimersByTime(1);
	expect(work).toHaveBeenCalledTimes(2);
	vi.advanceTimersByTime(1000);
	expect(work).toHaveBeenCalledTimes(2);
});

test('a flush does what is still wished for, once', () => {
	const work = vi.fn();
	const pace = new Pace(work);
	pace.wish();
	pace.flush();
	expect(work).toHaveBeenCalledTimes(1);
	pace.wish();
	pace.wish();
	pace.flush();
	vi.advanceTimersByTime(1000);
	expect(work).toHaveBeenCalledTimes(3);
});
