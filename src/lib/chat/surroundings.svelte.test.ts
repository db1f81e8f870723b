import { expect, test, vi } from 'vitest';
import { actual } from './surroundings.ts';

test('what is told is heard by other tabs, and not by the one that tells', async () => {
	const heard: string[] = [];
	const stop = actual.ontold((id) => heard.push(id));
	const tab = new BroadcastChannel('runnel');
	const elsewhere = new Promise((resolve) => {
		tab.onmessage = ({ data }) => {
			resolve(data);
		};
	});
	actual.tell('mine');
	expect(await elsewhere).toBe('mine');
	tab.postMessage('theirs');
	await expect.poll(() => heard).toEqual(['theirs']);
	stop();
	tab.close();
});

test('a frame comes even where nothing is painted, and only once', async () => {
	const painted = vi.spyOn(globalThis, 'requestAnimationFrame').mockReturnValue(1);
	const called = vi.fn();
	actual.onframe(called);
	actual.onframe(called)();
	await expect.poll(() => called.mock.calls.length, { timeout: 5000 }).toBe(1);
	painted.mockRestore();

	const both = vi.fn();
	actual.onframe(both);
	await new Promise((resolve) => setTimeout(resolve, 400));
	expect(both).toHaveBeenCalledTimes(1);
});

test('the network and the eye of the reader wake, until it is called off', () => {
	const woken: string[] = [];
	const stop = actual.onwake((reason) => woken.push(reason));
	dispatchEvent(new Event('online'));
	document.dispatchEvent(new Event('visibilitychange'));
	stop();
	dispatchEvent(new Event('online'));
	document.dispatchEvent(new Event('visibilitychange'));
	expect(woken).toEqual(['online', 'visible']);
});

test('a page that goes away says so', () => {
	let times = 0;
	const stop = actual.onhide(() => times++);
	dispatchEvent(new Event('pagehide'));
	stop();
	dispatchEvent(new Event('pagehide'));
	expect(times).toBe(1);
});
