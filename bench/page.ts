import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium, type Browser } from 'playwright';
import { buildWhenStale } from '../src/build.ts';
import { findBrowser } from '../tests/find-browser.ts';
import { startServer } from '../tests/server.ts';
import { startUpstream } from '../tests/upstream/upstream.ts';
import { openTab, type Tab } from './page-tab.ts';
import { mixed, TEXTS } from './page-texts.ts';

/**
 * `npm run bench:page`: what the page costs a browser: its first load, an answer that streams, and
 * a long conversation that is opened. Prints Markdown tables; `docs/speed.md` says how to read them.
 */
const { values } = parseArgs({
	options: {
		parts: { type: 'string', default: 'load,stream,open' },
		texts: { type: 'string', default: Object.keys(TEXTS).join(',') },
		sizes: { type: 'string', default: '1000,10000,50000' },
		slowdowns: { type: 'string', default: '1,4' },
		rounds: { type: 'string', default: '3' }
	}
});
const RATE = 200;
/** How long a stream is watched, and how long it may take before to get going, in milliseconds. */
const WATCHED_MS = 4000;
const SETTLING_MS = 3000;
const PAIRS = 200;
const rounds = Number(values.rounds);
const list = (text: string) => text.split(',');

buildWhenStale();
const upstream = await startUpstream({ reply: ({ input }) => replyTo(JSON.stringify(input)) });
const server = await startServer({ OPENAI_BASE_URL: upstream.url, OPENAI_API_KEY: 'none' });
const browser = await chromium.launch(await findBrowser());
try {
	const load = loadavg()[0]?.toFixed(1) ?? '';
	const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
	console.log(
		`Commit ${commit}, Chromium ${browser.version()}, ${cpus()[0]?.model ?? ''}, load ${load}.\n`
	);
	if (values.parts.includes('load')) console.log(await firstLoad(browser), '\n');
	if (values.parts.includes('stream')) console.log(await streams(browser), '\n');
	if (values.parts.includes('open')) console.log(await opening(browser), '\n');
} finally {
	await browser.close();
	await server.remove();
	await upstream.stop();
}

/** `stream items 1000`: the text up to there at once, and then at the pace of a fast model. */
function replyTo(input: string) {
	const [, name = '', size = ''] = [...input.matchAll(/stream (\w+) (\d+)/g)].at(-1) ?? [];
	const make = TEXTS[name];
	if (!make) return { steps: [{ text: mixed(upstream.requests.length) }] };
	const watched = (RATE * (SETTLING_MS + WATCHED_MS)) / 1000;
	const tokens = make(Number(size));
	const text = [tokens.slice(0, -watched).join(''), ...tokens.slice(-watched)];
	return { steps: [{ text: text.filter(Boolean) }], rate: RATE };
}

async function firstLoad(browser: Browser): Promise<string> {
	const tab = await openTab(browser, 1);
	await tab.page.goto(server.url, { waitUntil: 'networkidle' });
	const { requests, bytes, scriptBytes } = tab.transfers();
	await tab.close();
	return table(
		['first load', 'requests', 'kB on the wire', 'of it JavaScript'],
		[['`/`', String(requests), kB(bytes), kB(scriptBytes)]]
	);
}

async function streams(browser: Browser): Promise<string> {
	const rows: string[][] = [];
	for (const text of list(values.texts)) {
		for (const size of list(values.sizes)) {
			for (const slowdown of list(values.slowdowns).map(Number)) {
				const seen: Seen[] = [];
				for (let round = 0; round < rounds; round += 1) {
					seen.push(await watchStream(browser, `stream ${text} ${size}`, slowdown));
				}
				rows.push([text, size, `${String(slowdown)}×`, ...figures(seen)]);
				console.error(rows.at(-1)?.join(' '));
			}
		}
	}
	const heads = ['text', 'tokens', 'CPU', 'busy %', 'µs/token', 'longest task ms', 'blocking ms'];
	return table(heads, rows);
}

interface Seen {
	busy: number;
	longest: number;
	blocking: number;
}

async function watchStream(browser: Browser, question: string, slowdown: number): Promise<Seen> {
	const tab = await openTab(browser, slowdown);
	await tab.page.goto(server.url);
	await ask(tab, question);
	await tab.page.locator('.markdown').waitFor();
	await sleep(SETTLING_MS - 1000);
	const before = await tab.cost();
	await sleep(WATCHED_MS);
	const after = await tab.cost();
	await tab.close();
	const tasks = after.tasks.slice(before.tasks.length);
	return {
		busy: (after.cpu - before.cpu) / (after.at - before.at),
		longest: Math.max(0, ...tasks),
		blocking: tasks.reduce((sum, task) => sum + task - 50, 0)
	};
}

function figures(seen: Seen[]): string[] {
	const perToken = seen.map(({ busy }) => (busy * 1e6) / RATE);
	return [
		spread(seen.map(({ busy }) => busy * 100)),
		spread(perToken),
		spread(seen.map(({ longest }) => longest)),
		spread(seen.map(({ blocking }) => blocking))
	];
}

async function ask({ page }: Tab, question: string): Promise<void> {
	await page.getByRole('textbox', { name: 'Message' }).fill(question);
	await page.getByRole('button', { name: 'Send' }).click();
}

async function opening(browser: Browser): Promise<string> {
	const id = await longConversation();
	const rows: string[][] = [];
	for (const slowdown of list(values.slowdowns).map(Number)) {
		const [clicked, loaded, nodes]: number[][] = [[], [], []];
		for (let round = 0; round < rounds; round += 1) {
			const tab = await openTab(browser, slowdown);
			await tab.page.goto(server.url, { waitUntil: 'networkidle' });
			clicked?.push(await tab.open(`/c/${id}`));
			await tab.close();

			const fresh = await openTab(browser, slowdown);
			loaded?.push(await fresh.load(`${server.url}/c/${id}`));
			nodes?.push((await fresh.size()).nodes);
			await fresh.close();
		}
		const columns = [clicked, loaded, nodes].map((numbers) => spread(numbers ?? []));
		rows.push([`${String(slowdown)}×`, ...columns]);
	}
	const times = table(['CPU', 'from the list ms', 'by its address ms', 'nodes'], rows);
	return `${times}\n\nHeap after a stream into it: ${await heapAfterStreams(browser, id)} MB.`;
}

/** Last, because it makes the conversation longer. */
async function heapAfterStreams(browser: Browser, id: string): Promise<string> {
	const heap: number[] = [];
	for (let round = 0; round < rounds; round += 1) {
		const tab = await openTab(browser, 1);
		await tab.load(`${server.url}/c/${id}`);
		await ask(tab, 'stream mixed 2000');
		await tab.page.getByRole('button', { name: 'Send' }).waitFor({ timeout: 60_000 });
		heap.push((await tab.size()).heap / 1e6);
		await tab.close();
	}
	return spread(heap);
}

/** A conversation of so many questions and answers, and its id. */
async function longConversation(): Promise<string> {
	let conversationId: string | undefined;
	for (let pair = 0; pair < PAIRS; pair += 1) {
		const response = await fetch(`${server.url}/api/runs`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ conversationId, text: `How deep is it at kilometre ${String(pair)}?` })
		});
		const log = await response.text();
		conversationId ??= /"conversationId":"([^"]+)"/.exec(log)?.[1];
	}
	return conversationId ?? '';
}

function spread(numbers: number[]): string {
	const [least = 0, ...rest] = numbers.map(Math.round).sort((a, b) => a - b);
	const most = rest.at(-1) ?? least;
	const median = [least, ...rest][Math.floor(numbers.length / 2)] ?? 0;
	return least === most ? String(median) : `${String(median)} (${String(least)}–${String(most)})`;
}

function kB(bytes: number): string {
	return (bytes / 1000).toFixed(0);
}

function table(heads: string[], rows: string[][]): string {
	const lines = [heads, heads.map(() => '--:'), ...rows];
	return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
