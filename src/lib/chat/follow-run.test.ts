import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Numbered, RunEvent } from '#lib/protocol/events.ts';
import { fold } from '#lib/protocol/fold.ts';
import type { Message } from '#lib/protocol/messages.ts';
import { encodeRun } from '#lib/wire/encode-run.ts';
import { native } from '#lib/wire/native.ts';
import { RETRY_BLOCK } from '#lib/wire/sse.ts';
import { followRun, type FollowOptions, type RunFrom, RunLost } from './follow-run.ts';
import { httpServer } from './http-server.ts';
import { impatient, numbered, ScriptedServer, ScriptedSurroundings, settle } from './scripted.ts';
import { Refused, type RunServer, Unreachable } from './server.ts';

const said: RunEvent[] = [
	{
		type: 'run-start',
		runId: 'r1',
		conversationId: 'c1',
		messageId: 'm1',
		agent: 'a',
		model: 'm'
	},
	{ type: 'turn-start', turn: 1 },
	{ type: 'reasoning-start', partId: 'r' },
	{ type: 'reasoning-delta', partId: 'r', delta: 'Hm 🤔' },
	{ type: 'reasoning-end', partId: 'r' },
	{ type: 'tool-start', callId: 'c', name: 'calculate' },
	{ type: 'tool-input-delta', callId: 'c', delta: '{"e":' },
	{ type: 'tool-input-delta', callId: 'c', delta: '"1+1"}' },
	{ type: 'tool-input', callId: 'c', name: 'calculate', input: { e: '1+1' } },
	{ type: 'tool-end', callId: 'c', name: 'calculate', output: 2, durationMs: 3 },
	{ type: 'text-start', partId: 't' },
	{ type: 'text-delta', partId: 't', delta: 'Zwei, größer als eins.\n\ndata: ' },
	{ type: 'text-delta', partId: 't', delta: '漢字' },
	{ type: 'text-end', partId: 't' },
	{
		type: 'run-end',
		reason: 'done',
		usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
		durationMs: 9
	}
];
const events = numbered(said);
const question: RunFrom = { question: { text: '1+1?' }, key: 'k1' };

test('cut at any byte of its stream, a run is read to the same message', async () => {
	const { length } = await bytesAfter(0);
	const undisturbed = await read(new CutServer([]));
	expect(undisturbed.messages).toMatchObject([{ status: 'done', seq: events.length }]);

	for (let at = 0; at <= length; at++) {
		const server = new CutServer([at]);
		expect(await read(server)).toEqual(undisturbed);
		expect(server.runs).toBe(1);
	}
});

test('cut again and again at any bytes, a run is read to the same message', async () => {
	const undisturbed = await read(new CutServer([]));
	const cuts = fc.array(fc.nat({ max: 1500 }), { maxLength: 5 });
	await fc.assert(
		fc.asyncProperty(cuts, fc.boolean(), async (at, clean) => {
			const server = new CutServer(at, clean);
			expect(await read(server)).toEqual(undisturbed);
			expect(server.runs).toBe(1);
		})
	);
});

test('a known run is followed from where it was read to', async () => {
	const server = new CutServer([]);
	const batches = await collect(followRun(server.http, { runId: 'r1', after: 12 }, options()));
	expect(batches.flat()).toEqual(events.slice(12));
});

test('a lost connection is told, and the next batch says that it is back', async () => {
	const { server, told } = follow();
	await settle();
	server.run.start();
	server.run.cut();
	await settle();
	expect(told).toEqual(['batch 0', 'batch 1', 'lost']);
});

test('a wait is longer each time, up to a limit, and begins anew after an event', async () => {
	const { server, surroundings } = follow();
	await settle();
	server.run.start();
	await settle();
	const waits: number[] = [];
	for (let time = 0; time < 6; time++) {
		surroundings.waits.length = 0;
		server.run.cut();
		await settle();
		const wait = surroundings.waits.at(-1) ?? 0;
		waits.push(wait);
		await surroundings.pass(wait);
	}
	expect(waits).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);

	server.run.text('on');
	await settle();
	server.run.cut();
	await settle();
	expect(surroundings.waits.at(-1)).toBe(1000);
});

test('chance shortens a wait by up to a half, so that clients do not come back in step', async () => {
	const { server, surroundings } = follow();
	surroundings.chance = 0;
	await settle();
	server.run.start();
	server.run.cut();
	await settle();
	expect(surroundings.waits.at(-1)).toBe(500);
});

test.for(['online', 'visible'] as const)(
	'when the page is %s again, a wait is over',
	async (reason) => {
		const { server, surroundings, told } = follow();
		await settle();
		server.run.start();
		server.run.cut();
		await settle();
		server.run.text('more');
		await surroundings.wake(reason);
		expect(told).toEqual(['batch 0', 'batch 1', 'lost', 'batch 3']);
	}
);

test('a connection on which nothing comes for too long is dropped, and made anew', async () => {
	const { server, surroundings, told } = follow({ keepAliveMs: 100 });
	await settle();
	server.run.start();
	await surroundings.pass(249);
	expect(told).toEqual(['batch 0', 'batch 1']);

	await surroundings.pass(250);
	expect(told).toEqual(['batch 0', 'batch 1', 'lost']);
	server.run.text('alive');
	await surroundings.pass(1000);
	expect(told.at(-1)).toBe('batch 3');
});

test('a laptop that wakes drops the connection that fell silent while it slept', async () => {
	const { server, surroundings, told } = follow();
	await settle();
	server.run.start();
	await settle();
	surroundings.asleep = true;
	await surroundings.pass(1e9);
	expect(told).not.toContain('lost');
	await surroundings.wake('visible');
	expect(told).toContain('lost');
});

test('a network that came back is not trusted with the old connection', async () => {
	const { server, surroundings, told } = follow();
	await settle();
	server.run.start();
	await settle();
	await surroundings.wake('visible');
	expect(told).not.toContain('lost');
	await surroundings.wake('online');
	expect(told).toContain('lost');
});

test('a question that cannot be brought to the server is given back', async () => {
	const server = new ScriptedServer();
	for (let time = 0; time < 6; time++) server.refusals.push(new Unreachable('gone'));
	await expect(collect(followRun(server, question, options()))).rejects.toThrow(Unreachable);
	expect(new Set(server.asked.map(({ key }) => key))).toEqual(new Set(['k1']));
});

test('a server that is just starting again is waited for', async () => {
	const server = new ScriptedServer();
	server.refusals.push(new Refused(503, 'shutting-down', 'Soon.'));
	const following = collect(followRun(server, question, options()));
	await expect.poll(() => server.runs.length).toBe(1);
	server.run.start();
	server.run.end();
	expect((await following).flat()).toHaveLength(2);
});

test('a refusal is passed on at once', async () => {
	const server = new ScriptedServer();
	const refusal = new Refused(409, 'conversation-busy', 'Wait.');
	server.refusals.push(refusal);
	await expect(collect(followRun(server, question, options()))).rejects.toBe(refusal);
	expect(server.asked).toHaveLength(1);
});

test('an unknown run is given up at once', async () => {
	const unknown = new Refused(404, 'unknown-run', 'There is no such run.');
	const server = { ...says([]), follow: () => Promise.reject(unknown) };
	await expect(collect(followRun(server, { runId: 'r1', after: 3 }, options()))).rejects.toBe(
		unknown
	);
});

test('events that are missing in between are asked for once, and never skipped', async () => {
	const [first, second, third] = events as [Numbered, Numbered, Numbered];
	const server = says([[first, third]], [[second, third], events.slice(3)]);
	const batches = await collect(followRun(server, question, options()));
	expect(batches.flat()).toEqual(events);

	const holed = says([[first, third]], [[third]]);
	await expect(collect(followRun(holed, question, options()))).rejects.toThrow(RunLost);
});

test('a run that the server calls over before its last event was read is lost', async () => {
	const server = { ...says([]), follow: () => Promise.resolve(undefined) };
	await expect(collect(followRun(server, { runId: 'r1', after: 3 }, options()))).rejects.toThrow(
		RunLost
	);
	const ahead = {
		...says([]),
		follow: () => Promise.reject(new Refused(400, 'bad-cursor', 'Beyond the log.'))
	};
	await expect(collect(followRun(ahead, { runId: 'r1', after: 3 }, options()))).rejects.toThrow(
		RunLost
	);
});

test('a run that waits for a person is followed on, however often its stream ends meanwhile', async () => {
	const pause: RunEvent = { type: 'run-pause', reason: 'approval' };
	const paused = [...events.slice(0, 2), ...numbered([pause], 2)];
	const rest = numbered(said.slice(-1), 3);
	const server = says([paused], [], [], [rest]);
	const batches = await collect(followRun(server, question, options()));
	expect(batches.flat()).toEqual([...paused, ...rest]);
});

test('leaving ends the following at once, also in a wait', async () => {
	const { server, told, leave, done } = follow();
	await settle();
	server.run.start();
	server.run.cut();
	await settle();
	leave();
	await done;
	expect(told.at(-1)).toBe('lost');
});

function options(): FollowOptions {
	return { signal: new AbortController().signal, surroundings: impatient };
}

/** Follows a run of a scripted server, and notes what happens. */
function follow({ keepAliveMs = 15_000 } = {}) {
	const server = new ScriptedServer();
	const surroundings = new ScriptedSurroundings();
	const told: string[] = [];
	const leaving = new AbortController();
	const events = followRun(server, question, {
		signal: leaving.signal,
		surroundings,
		keepAliveMs,
		onlost: () => told.push('lost')
	});
	const done = (async () => {
		for await (const batch of events) told.push(`batch ${String(batch.length)}`);
	})();
	const leave = () => {
		leaving.abort();
	};
	return { server, surroundings, told, leave, done };
}

/** A server whose connections say these batches and end, the first one after a start. */
function says(...connections: Numbered[][][]): RunServer {
	const next = () => {
		const batches = connections.shift() ?? [];
		return Promise.resolve(
			(async function* () {
				for (const batch of batches) yield await Promise.resolve(batch);
			})()
		);
	};
	return { start: next, follow: next, stop: () => Promise.resolve() };
}

/** The real client over a network that cuts its connections at these bytes, one after the other. */
class CutServer {
	runs = 0;
	readonly #keys = new Set<string>();
	readonly #cuts: number[];
	readonly #clean: boolean;

	constructor(cuts: number[], clean = false) {
		this.#cuts = [...cuts];
		this.#clean = clean;
	}

	get http() {
		return httpServer(async (input, init) => {
			const path = input as string;
			const after = Number(/after=(\d+)$/.exec(path)?.[1] ?? 0);
			if (init?.method === 'POST') this.#note(new Headers(init.headers).get('idempotency-key'));
			if (after === events.length) return new Response(null, { status: 204 });
			return this.#respond(await bytesAfter(after));
		});
	}

	#note(key: string | null): void {
		if (!this.#keys.has(key ?? '')) this.runs++;
		this.#keys.add(key ?? '');
	}

	#respond(bytes: Uint8Array<ArrayBuffer>): Response {
		const at = this.#cuts.shift();
		const clean = this.#clean;
		const body = new ReadableStream({
			start(controller) {
				if (at !== 0) controller.enqueue(bytes.slice(0, at));
				if (at === undefined || clean) controller.close();
			},
			pull(controller) {
				controller.error(new TypeError('terminated'));
			}
		});
		return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
	}
}

async function bytesAfter(after: number): Promise<Uint8Array<ArrayBuffer>> {
	const batches = (async function* () {
		yield await Promise.resolve(events.slice(after));
	})();
	const blocks = await collect(encodeRun('r1', batches, native));
	return new TextEncoder().encode(RETRY_BLOCK + blocks.join(''));
}

/** What a reader sees who asks that server, through all its cuts. */
async function read({ http }: CutServer) {
	const messages: Message[] = [];
	const seqs: number[] = [];
	for await (const batch of followRun(http, question, options())) {
		for (const event of batch) {
			seqs.push(event.seq);
			fold(messages, event);
		}
	}
	return { messages, seqs };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
	const all: T[] = [];
	for await (const item of items) all.push(item);
	return all;
}
