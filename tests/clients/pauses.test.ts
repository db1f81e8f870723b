import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConversationView, RunView } from '#lib/protocol/conversations.ts';
import { textOf } from '#lib/protocol/messages.ts';
import { WIRES } from '#lib/wire/wires.ts';
import { ask, eventsOf } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';
import { shown } from './readers.ts';

let server: TestServer;

beforeAll(async () => {
	server = await startServer();
});
afterAll(() => server.remove());

test('a run whose pause is over is told whole on every wire, as if it had never waited', async () => {
	const { runId, conversationId, approvals } = await pausedRun('Save a note: a. Save a note: b.');
	for (const approval of approvals) await decide(runId, approval);
	await expect.poll(() => statusOf(runId), { timeout: 20_000 }).toBe('done');
	const { messages } = await get<ConversationView>(`/api/conversations/${conversationId}`);
	const answer = textOf(messages.at(-1)!);
	expect(answer).toContain('saved');

	for (const wire of Object.keys(WIRES)) {
		const text = await (await fetch(`${server.url}/api/runs/${runId}/events?wire=${wire}`)).text();
		const { text: read, failed } = await shown(wire, text);
		expect([wire, compact(read), failed]).toEqual([wire, compact(answer), false]);
	}
});

/** Asks, and leaves when the run waits for a person. */
async function pausedRun(text: string) {
	const run = { runId: '', conversationId: '', approvals: [] as string[] };
	for await (const event of eventsOf(await ask(server.url, { text }))) {
		if (event.type === 'run-start') Object.assign(run, event);
		if (event.type === 'approval-request') run.approvals.push(event.approvalId);
		if (event.type === 'run-pause') return run;
	}
	throw new Error('The run did not wait.');
}

async function decide(runId: string, approvalId: string): Promise<void> {
	const response = await fetch(`${server.url}/api/runs/${runId}/approvals/${approvalId}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: '{"approved":true}'
	});
	expect(response.status).toBe(200);
}

async function statusOf(runId: string): Promise<string> {
	return (await get<RunView>(`/api/runs/${runId}`)).status;
}

async function get<T>(path: string): Promise<T> {
	return (await (await fetch(server.url + path)).json()) as T;
}

/** Without the blank lines that part the texts of a message: not every wire has them. */
function compact(text: string): string {
	return text.replaceAll('\n\n', '');
}
