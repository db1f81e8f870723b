import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { ConversationView } from '#lib/protocol/conversations.ts';
import type { Numbered } from '#lib/protocol/events.ts';
import { fold } from '#lib/protocol/fold.ts';
import { textOf, type Message } from '#lib/protocol/messages.ts';
import { ask, eventsOf, follow } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';

let server: TestServer;

afterEach(() => server.remove());

test('kill -9 while a run waits, twice: it is approved after that, and goes on in its message', async () => {
	server = await startServer();
	const { seen, runId, approvals } = await waiting();
	for (const _life of [1, 2]) {
		await server.restart('SIGKILL');
		expect(await shown()).toMatchObject({ status: 'paused', parts: [{}, { state: 'asking' }] });
	}
	expect(await readLog(runId, seen.length)).toEqual(seen);

	expect((await decide(runId, approvals[0]!, true)).status).toBe(200);
	const log = await follow(server.url, runId);
	expect(log.slice(0, seen.length)).toEqual(seen);
	expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
	expect(log.filter(({ type }) => /^run-e/.test(type))).toMatchObject([{ reason: 'done' }]);
	expect(notes()).toEqual(['buy-milk.md']);

	const reply = await shown();
	expect(reply).toMatchObject({ status: 'done', parts: [{}, { state: 'done' }, {}] });
	const messages: Message[] = [];
	for (const event of log) fold(messages, event);
	expect(textOf(reply)).toBe(textOf(messages[0]!));
});

test('approved fifty times at once: it counts once', async () => {
	server = await startServer();
	const { runId, approvals } = await waiting();
	const answers = await Promise.all(
		Array.from({ length: 50 }, () => decide(runId, approvals[0]!, true))
	);
	const statuses = answers.map(({ status }) => status).sort();
	expect(statuses).toEqual([200, ...Array<number>(49).fill(409)]);
	const refused = answers.find(({ status }) => status === 409);
	expect(await refused?.json()).toMatchObject({ error: { code: 'approval-answered' } });

	const log = await follow(server.url, runId);
	expect(log.filter(({ type }) => type === 'approval-response')).toHaveLength(1);
	expect(log.filter(({ type }) => type === 'tool-end')).toHaveLength(1);
	expect(notes()).toEqual(['buy-milk.md']);
	expect((await decide(runId, approvals[0]!, false)).status).toBe(409);
});

test('killed at any moment after the approval, the tool has run once at most', async () => {
	server = await startServer();
	const saved: number[] = [];
	for (const [round, wait] of [0, 2, 5, 10, 20, 60].entries()) {
		const { runId, approvals } = await waiting();
		const answered = decide(runId, approvals[0]!, true).catch(() => undefined);
		await new Promise((resolve) => setTimeout(resolve, wait));
		await server.restart('SIGKILL');
		const taken = (await answered)?.ok === true;

		const status = (await view(runId)).status;
		if (status === 'paused') {
			expect(taken).toBe(false);
			await decide(runId, approvals[0]!, true);
		}
		const log = await follow(server.url, runId);
		expect(log.filter(({ type }) => type === 'tool-end').length).toBeLessThanOrEqual(1);
		expect(log.filter(({ type }) => type === 'approval-response')).toHaveLength(1);
		saved.push(notes().length - saved.reduce((sum, count) => sum + count, 0));
		expect(saved[round]).toBeLessThanOrEqual(1);
	}
	expect(saved.length).toBe(6);
}, 120_000);

test('stopped while it waits, a run stays stopped, and its tool never runs', async () => {
	server = await startServer();
	const { runId, approvals } = await waiting();
	const stop = () => fetch(`${server.url}/api/runs/${runId}/stop`, post({}));
	const stops = await Promise.all([stop(), stop()]);
	expect(stops.map(({ status }) => status)).toEqual([202, 202]);

	const log = await follow(server.url, runId);
	expect(log.at(-1)).toMatchObject({ type: 'run-end', reason: 'stopped' });
	expect((await decide(runId, approvals[0]!, true)).status).toBe(409);
	await server.restart('SIGKILL');
	expect(await follow(server.url, runId)).toEqual(log);
	expect(await shown()).toMatchObject({ status: 'stopped' });
	expect(notes()).toEqual([]);
});

test('a run that waits is not ended by SIGTERM, and lets its readers go', async () => {
	server = await startServer();
	const { runId, approvals } = await waiting();
	const reader = fetch(`${server.url}/api/runs/${runId}/events`);
	const events = (async () => {
		const read: Numbered[] = [];
		for await (const event of eventsOf(await reader)) read.push(event);
		return read;
	})();
	await reader;
	await server.restart('SIGTERM');
	expect((await events).at(-1)).toMatchObject({ type: 'run-pause' });
	expect((await decide(runId, approvals[0]!, false)).status).toBe(200);
	expect((await follow(server.url, runId)).at(-1)).toMatchObject({ reason: 'done' });
	expect(notes()).toEqual([]);
});

test('a stream on native stays open while its run waits, and goes on', async () => {
	server = await startServer({ KEEP_ALIVE_MS: '50' });
	const response = await ask(server.url, { text: 'Save a note: buy milk' });
	const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
	let text = '';
	const until = async (pattern: RegExp) => {
		while (!pattern.test(text)) {
			const { value, done } = await reader.read();
			if (done) throw new Error(`ended before ${String(pattern)}`);
			text += value;
		}
	};
	await until(/run-pause[^]*(: keep-alive\n\n){3}/);
	const [, runId = ''] = /"runId":"([^"]+)"/.exec(text)!;
	const [, approvalId = ''] = /"approvalId":"([^"]+)"/.exec(text)!;
	expect((await decide(runId, approvalId, true)).status).toBe(200);
	await until(/"type":"run-end"/);
	expect((await reader.read()).done).toBe(true);
});

test('what belongs to another run, and what is no answer, changes nothing', async () => {
	server = await startServer();
	const mine = await waiting();
	const other = await waiting();
	expect((await decide(mine.runId, other.approvals[0]!, true)).status).toBe(404);
	expect((await decide('no-such-run', mine.approvals[0]!, true)).status).toBe(404);
	const path = `${server.url}/api/runs/${mine.runId}/approvals/${mine.approvals[0]!}`;
	expect((await fetch(path, post({ approved: 'yes' }))).status).toBe(422);
	expect((await fetch(path, post({}))).status).toBe(422);
	expect((await fetch(path, post({ approved: true, reason: 'x'.repeat(1001) }))).status).toBe(422);
	const foreign = post({ approved: true }, { 'sec-fetch-site': 'cross-site' });
	expect((await fetch(path, foreign)).status).toBe(403);
	expect((await view(mine.runId)).status).toBe('paused');
	expect(notes()).toEqual([]);
});

/** A run that has asked to save a note, in a conversation of its own. */
async function waiting() {
	const seen: Numbered[] = [];
	for await (const event of eventsOf(await ask(server.url, { text: 'Save a note: buy milk' }))) {
		seen.push(event);
		if (event.type === 'run-pause') break;
	}
	const [start] = seen;
	if (start?.type !== 'run-start') throw new Error('no start was seen');
	const approvals = seen.flatMap((event) =>
		event.type === 'approval-request' ? [event.approvalId] : []
	);
	conversationId = start.conversationId;
	return { seen, runId: start.runId, approvals };
}

let conversationId = '';

/** The reply of the run that waited last, as the server shows it. */
async function shown() {
	const response = await fetch(`${server.url}/api/conversations/${conversationId}`);
	const { messages } = (await response.json()) as ConversationView;
	const reply = messages.at(-1);
	if (reply?.role !== 'assistant') throw new Error('there is no reply');
	return reply;
}

async function view(runId: string): Promise<{ status: string }> {
	return (await (await fetch(`${server.url}/api/runs/${runId}`)).json()) as { status: string };
}

async function readLog(runId: string, count: number): Promise<Numbered[]> {
	const events: Numbered[] = [];
	for await (const event of eventsOf(await fetch(`${server.url}/api/runs/${runId}/events`))) {
		events.push(event);
		if (events.length === count) break;
	}
	return events;
}

function decide(runId: string, approvalId: string, approved: boolean): Promise<Response> {
	return fetch(`${server.url}/api/runs/${runId}/approvals/${approvalId}`, post({ approved }));
}

function post(body: object, headers: Record<string, string> = {}): RequestInit {
	return {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...headers },
		body: JSON.stringify(body)
	};
}

/** The notes that were saved. */
function notes(): string[] {
	try {
		return readdirSync(join(server.folder, 'notes'));
	} catch {
		return [];
	}
}
