import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Numbered, RunEvent } from '#lib/protocol/events.ts';
import { fold } from '#lib/protocol/fold.ts';
import type { AssistantMessage, Message } from '#lib/protocol/messages.ts';
import { openSqliteStore } from '#lib/server/store/sqlite/sqlite-store.ts';
import { WIRES } from '#lib/wire/wires.ts';
import { shown } from '../clients/readers.ts';
import { startServer, type TestServer } from '../server.ts';

/** More than a follower is fed at a time, many times over. */
const LONG = 3000;
const SAID = 'It stands. '.repeat(LONG);

const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 };
const turn = (text: string): RunEvent[] => [
	{ type: 'turn-start', turn: 1 },
	{ type: 'text-start', partId: text },
	...Array.from({ length: LONG }, (): RunEvent => ({
		type: 'text-delta',
		partId: text,
		delta: text
	})),
	{ type: 'text-end', partId: text },
	{ type: 'turn-end', turn: 1 }
];
const end: RunEvent = { type: 'run-end', reason: 'done', usage, durationMs: 5 };
const rewind: RunEvent = { type: 'run-rewind', toSeq: 1, reason: 'The process died.' };
const retract: RunEvent = { type: 'run-retract', reason: 'It was not for you.' };

let server: TestServer;
let rewound = '';
let retracted = '';

beforeAll(async () => {
	server = await startServer();
	await server.kill();
	const store = await openSqliteStore(`file:${join(server.folder, 'runnel.db')}`);
	[rewound, retracted] = [
		await record([...turn('VOID'), rewind, ...turn('It stands. '), end]),
		await record([...turn('VOID'), retract, end])
	];
	await store.close();
	await server.restart();

	async function record(events: RunEvent[]): Promise<string> {
		const runId = crypto.randomUUID();
		const started = await store.startRun({
			...{ owner: 'local', conversationId: `c-${runId}`, create: true, title: 'Long', now: 1 },
			...{ question: { id: 'q', text: 'Hello' }, runId, messageId: 'm', agent: 'a', model: 'm' }
		});
		if (started.type !== 'started') throw new Error('The run did not start.');
		const numbered = events.map((event, index): Numbered => ({ ...event, seq: index + 2 }));
		const messages: Message[] = [];
		for (const event of [started.start, ...numbered]) fold(messages, event);
		const message = messages[0] as AssistantMessage;
		const { epoch } = started;
		const end = { status: 'done' as const, message, now: 2 };
		await store.append([{ runId, epoch, events: numbered, end }]);
		return runId;
	}
}, 60_000);
afterAll(() => server.remove());

test.for(Object.keys(WIRES))(
	'%s: a long run is told as it stands, not as it went',
	async (wire) => {
		const told = await read(rewound, wire);
		// native takes back what is void itself, and has the whole log for it
		expect(told.includes('VOID')).toBe(wire === 'native');
		expect(await shown(wire, told)).toEqual({ text: SAID, failed: false });
	}
);

test.for(Object.keys(WIRES))(
	'%s: of a long answer that was withdrawn nothing is told',
	async (wire) => {
		const told = await read(retracted, wire);
		expect(told.includes('VOID')).toBe(wire === 'native');
		expect(await shown(wire, told)).toEqual({ text: '', failed: true });
	}
);

test.for(Object.keys(WIRES).filter((wire) => wire !== 'native'))(
	'%s: who has a part that is void is told so, and no more of it',
	async (wire) => {
		for (const runId of [rewound, retracted]) {
			const rest = await read(runId, wire, 100);
			// these may say all that there was of an item, or that it is gone
			if (wire !== 'chatkit') expect(rest).not.toContain('VOID');
			if (wire === 'chatkit') expect(rest).toContain('thread.item.removed');
			else expect(rest).toMatch(/void|withdrawn|content_filter|rewound/);
		}
	}
);

test('a WebSocket tells a long run as it stands, and the index counts what it tells', async () => {
	const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/ws`);
	await once(socket, 'open');
	let text = '';
	let count = 0;
	const over = new Promise<string>((resolve) => {
		socket.on('message', (data: Buffer) => {
			const said = JSON.parse(data.toString()) as Record<
				string,
				{ content: string; index: number }
			>;
			const { StreamingToken: token } = said;
			if (token) text += token.content;
			if (token) expect(token.index).toBe(count++);
			else resolve(Object.keys(said).join());
		});
	});
	socket.send(JSON.stringify({ resume: { run_id: rewound, after: 0 } }));
	expect(await over).toBe('AgentCompleted');
	expect(text).toBe(SAID);
	socket.close();
});

async function read(runId: string, wire: string, after = 0): Promise<string> {
	const path = `/api/runs/${runId}/events?wire=${wire}&after=${String(after)}`;
	return (await fetch(server.url + path)).text();
}
