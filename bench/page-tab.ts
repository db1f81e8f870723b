import type { Browser, Page } from 'playwright';

/** What a page's main thread did up to now; times in seconds, tasks over 50 ms in milliseconds. */
export interface Cost {
	at: number;
	cpu: number;
	tasks: number[];
}

/** A page in a profile of its own, with a processor so many times slower, and what it costs. */
export interface Tab {
	page: Page;
	cost(): Promise<Cost>;
	/** Nodes in the document, text and comments among them, and bytes of heap without garbage. */
	size(): Promise<{ nodes: number; heap: number }>;
	/** Milliseconds from a click on the link to that path until its newest answer was painted. */
	open(path: string): Promise<number>;
	/** Milliseconds from the start of the navigation until the newest answer was painted. */
	load(url: string): Promise<number>;
	transfers(): { requests: number; bytes: number; scriptBytes: number };
	close(): Promise<void>;
}

interface Measured {
	longTasks: number[];
	opened: Promise<number>;
}

/** Opens a tab that knows nothing yet. */
export async function openTab(browser: Browser, slowdown: number): Promise<Tab> {
	const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
	const page = await context.newPage();
	const devTools = await context.newCDPSession(page);
	await devTools.send('Performance.enable', { timeDomain: 'threadTicks' });
	await devTools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
	await devTools.send('Network.enable');
	const sum = { requests: 0, bytes: 0, scriptBytes: 0 };
	const scripts = new Set<string>();
	devTools.on('Network.responseReceived', ({ requestId, type }) => {
		sum.requests += 1;
		if (type === 'Script') scripts.add(requestId);
	});
	devTools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
		sum.bytes += encodedDataLength;
		if (scripts.has(requestId)) sum.scriptBytes += encodedDataLength;
	});
	await page.addInitScript(measure);

	async function metrics(): Promise<Record<string, number>> {
		const { metrics } = await devTools.send('Performance.getMetrics');
		return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
	}

	return {
		page,
		transfers: () => sum,
		close: () => context.close(),
		async cost() {
			const { Timestamp: at = 0, TaskDuration: cpu = 0 } = await metrics();
			const tasks = await page.evaluate(() => (globalThis as unknown as Measured).longTasks);
			return { at, cpu, tasks };
		},
		async size() {
			await devTools.send('HeapProfiler.collectGarbage');
			const { JSHeapUsedSize: heap = 0 } = await metrics();
			return { nodes: await page.evaluate(countNodes), heap };
		},
		open: (path) =>
			page.evaluate(async (path) => {
				const start = performance.now();
				document.querySelector<HTMLElement>(`a[href='${path}']`)?.click();
				return (await (globalThis as unknown as Measured).opened) - start;
			}, path),
		async load(url) {
			await page.goto(url);
			return page.evaluate(() => (globalThis as unknown as Measured).opened);
		}
	};
}

/** Runs in the page; the browser's own count has the pages of the same process in it. */
function countNodes(): number {
	const walker = document.createTreeWalker(document);
	let count = 0;
	while (walker.nextNode()) count += 1;
	return count;
}

/** Runs in the page before anything else. */
function measure(): void {
	const measured = globalThis as unknown as Measured;
	measured.longTasks = [];
	new PerformanceObserver((entries) => {
		measured.longTasks.push(...entries.getEntries().map(({ duration }) => duration));
	}).observe({ type: 'longtask', buffered: true });

	// a conversation that is alive and laid out goes to its end
	measured.opened = new Promise((resolve) => {
		const painted = () =>
			setTimeout(() => {
				resolve(performance.now());
			});
		const scrolled = () => requestAnimationFrame(painted);
		addEventListener('scroll', scrolled, { capture: true, once: true });
	});
}
