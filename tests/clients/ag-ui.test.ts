import { HttpAgent, type Message } from '@ag-ui/client';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { isSetback, type Numbered } from '#lib/protocol/events.ts';
import { fold } from '#lib/protocol/fold.ts';
import type { Message as OurMessage } from '#lib/protocol/messages.ts';
import { agUiFor, agUiOpening } from '#lib/wire/ag-ui.ts';
import { respond } from '#lib/wire/respond.ts';
import { untilPause } from '#lib/wire/until-pause.ts';
import { withoutVoid } from '#lib/wire/without-void.ts';
import { startServer, type TestServer } from '../server.ts';
import { transcript, transcripts } from '../transcripts/transcripts.ts';

const PATIENCE = { keepAliveMs: 60_000, stallMs: 60_000 };

describe('HttpAgent on the server', () => {
	let server: TestServer;
	beforeAll(async () => {
		server = await startServer();
	}, 60_000);
	afterAll(() => server.remove());

	const agentOf = (threadId: string) =>
		new HttpAgent({ url: `${server.url}/api/ag-ui`, threadId, debug: false });

	test('a question is answered with tools and text, and the ids of the caller come back', async () => {
		const agent = agentOf('thread-1');
		agent.addMessage(question('What is 12*7+1?'));
		const seen = await run(agent, 'run-1');

		expect(seen.types.at(0)).toBe('RUN_STARTED');
		expect(seen.types.at(-1)).toBe('RUN_FINISHED');
		expect(seen.runs).toEqual(['thread-1/run-1', 'thread-1/run-1']);
		expect(agent.messages.map(({ role }) => role)).toContain('tool');
		expect(textOf(agent.messages.at(-1))).toContain('85');
	});

	test('a second question goes on in the thread, and no two messages have one id', async () => {
		const agent = agentOf('thread-2');
		for (const asked of ['What is 1+1?', 'What is 2+2?']) {
			agent.addMessage(question(asked));
			await run(agent);
		}
		const ids = agent.messages.map(({ id }) => id);
		expect(new Set(ids).size).toBe(ids.length);
		const calls = agent.messages.flatMap((message) =>
			message.role === 'assistant' ? (message.toolCalls ?? []) : []
		);
		expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
		expect(textOf(agent.messages.at(-1))).toContain('4');

		const stored = await fetch(`${server.url}/api/conversations/thread-2`);
		const { messages } = (await stored.json()) as { messages: OurMessage[] };
		expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
	});

	test('aborting stops the run', async () => {
		const agent = agentOf('thread-3');
		agent.addMessage(question('Write 2000 words about the sea'));
		await run(agent, 'run-3', (type) => {
			if (type === 'TEXT_MESSAGE_CONTENT') agent.abortRun();
		});
		const look = async () => {
			const response = await fetch(`${server.url}/api/conversations/thread-3`);
			return (await response.json()) as { runs: unknown[]; messages: { status?: string }[] };
		};
		await expect.poll(async () => (await look()).runs, { timeout: 20_000 }).toEqual([]);
		expect((await look()).messages.at(-1)?.status).toBe('stopped');
	});

	test.for([
		['no question at all', []],
		['an empty question', [question('  ')]],
		['a picture', [{ id: 'q', role: 'user', content: [picture()] } satisfies Message]]
	] as [string, Message[]][])('is refused before the first byte: %s', async ([, messages]) => {
		const agent = agentOf('thread-4');
		agent.setMessages(messages);
		await expect(run(agent)).rejects.toThrow(/422/);
		expect((await fetch(`${server.url}/api/conversations/thread-4`)).status).toBe(404);
	});

	test.for([true, false])('what needs a yes is an interrupt: %s', async (approved) => {
		const agent = agentOf(`thread-${String(approved)}`);
		agent.addMessage(question('Save a note: buy milk'));
		expect((await run(agent, 'run-1')).types.at(-1)).toBe('RUN_FINISHED');
		const [interrupt] = agent.pendingInterrupts;

		const resume = [
			{ interruptId: interrupt!.id, status: 'resolved' as const, payload: { approved } }
		];
		const seen = await run(agent, 'run-2', undefined, resume);
		expect(seen.runs.at(0)).toBe(`thread-${String(approved)}/run-2`);
		expect(seen.types.at(-1)).toBe('RUN_FINISHED');
		expect(agent.pendingInterrupts).toEqual([]);
		expect(textOf(agent.messages.at(-1))).toMatch(approved ? /saved/i : /not saved/i);
	});

	test('a resume where nothing waits is refused', async () => {
		const response = await fetch(`${server.url}/api/ag-ui`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({
				threadId: 'thread-5',
				runId: 'r',
				messages: [],
				resume: [{ interruptId: 'a', status: 'resolved', payload: { approved: true } }]
			})
		});
		expect(response.status).toBe(409);
	});
});

describe('HttpAgent on recorded runs', () => {
	test.for(transcripts)('$name is read without a complaint', async ({ events }) => {
		const url = await serve([upTo(events, 'run-pause')]);
		const agent = new HttpAgent({ url, threadId: 't1', debug: false });
		agent.addMessage(question('Hello'));
		const seen = await run(agent, 'run-1');

		const failed = events.some(({ type }) => /^run-(error|retract|rewind)$/.test(type));
		const voids = events.some(({ type }) => type === 'run-rewind');
		expect(seen.types.at(-1)).toBe(failed && !voids ? 'RUN_ERROR' : 'RUN_FINISHED');
		expect(saidOf(agent.messages, 'assistant')).toEqual(partsOf(upTo(events, 'run-pause'), 'text'));
		expect(saidOf(agent.messages, 'reasoning')).toEqual(
			partsOf(upTo(events, 'run-pause'), 'reasoning')
		);
		const asked = agent.messages.flatMap((message) =>
			message.role === 'assistant' ? (message.toolCalls ?? []) : []
		);
		expect(asked.map((call) => call.function.arguments)).toEqual(argumentsIn(events));
	});

	test.for(['approval-approved', 'approval-denied'])(
		'%s is interrupted, and goes on when a person has answered',
		async (name) => {
			const { events } = transcript(name);
			const before = upTo(events, 'run-pause');
			const url = await serve([before, events]);
			const agent = new HttpAgent({ url, threadId: 't1', debug: false });
			agent.addMessage(question('Hello'));
			await run(agent, 'run-1');

			const [interrupt] = agent.pendingInterrupts;
			expect(interrupt).toMatchObject({ reason: 'tool_approval', id: 'approval_1' });
			await expect(run(agent, 'run-2')).rejects.toThrow();

			const payload = { approved: name === 'approval-approved' };
			const resume = [{ interruptId: 'approval_1', status: 'resolved' as const, payload }];
			const seen = await run(agent, 'run-2', undefined, resume);
			expect(seen.types.at(0)).toBe('RUN_STARTED');
			expect(seen.types.at(-1)).toBe('RUN_FINISHED');
			expect(agent.pendingInterrupts).toEqual([]);
			expect(saidOf(agent.messages, 'assistant')).toEqual(partsOf(events, 'text'));
			expect(agent.messages.filter(({ role }) => role === 'tool')).toHaveLength(1);
		}
	);
});

interface Seen {
	types: string[];
	/** Thread and run of every event that names them. */
	runs: string[];
}

type Resume = NonNullable<Parameters<HttpAgent['runAgent']>[0]>['resume'];

async function run(
	agent: HttpAgent,
	runId?: string,
	onevent?: (type: string) => void,
	resume?: Resume
): Promise<Seen> {
	const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
	const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
	const seen: Seen = { types: [], runs: [] };
	await agent
		.runAgent(
			{ ...(runId === undefined ? {} : { runId }), ...(resume ? { resume } : {}) },
			{
				onEvent({ event }) {
					seen.types.push(event.type);
					if ('runId' in event && 'threadId' in event) {
						seen.runs.push(`${String(event.threadId)}/${String(event.runId)}`);
					}
					onevent?.(event.type);
				}
			}
		)
		.finally(() => {
			error.mockRestore();
		});
	expect(warn).not.toHaveBeenCalled();
	warn.mockRestore();
	return seen;
}

/** A server that answers with one recording after the other; each goes on where the last ended. */
async function serve(recordings: Numbered[][]): Promise<string> {
	let after = 0;
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			void (async () => {
				const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
				const events = recordings.shift() ?? [];
				const caller = { threadId: body['threadId']!, runId: body['runId']! };
				const wire = agUiFor(caller);
				// eslint-disable-next-line @typescript-eslint/require-await
				const log = async function* () {
					yield events;
				};
				const from = after;
				const told = withoutVoid(log(), events.filter(isSetback), from);
				const follow = () => untilPause(told, { lastSeq: from, paused: false });
				const opening = from === 0 ? [] : [{ data: JSON.stringify(agUiOpening(caller)) }];
				const followed = { runId: 'r', follow, after, over: false, opening };
				const answer = await respond(followed, wire, PATIENCE);
				after = events.length;
				response.writeHead(200, Object.fromEntries(answer.headers));
				response.end(Buffer.from(await answer.arrayBuffer()));
			})();
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	onTestFinished(() => {
		server.close();
		server.closeAllConnections();
	});
	return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function upTo(events: Numbered[], type: Numbered['type']): Numbered[] {
	const index = events.findIndex((event) => event.type === type);
	return index === -1 ? events : events.slice(0, index + 1);
}

/** What the fold makes of these events, unless it was withdrawn. */
function partsOf(events: Numbered[], type: 'text' | 'reasoning'): string[] {
	const messages: OurMessage[] = [];
	for (const event of events) fold(messages, event);
	return messages
		.flatMap((message) =>
			message.role === 'assistant' && message.retracted !== undefined ? [] : message.parts
		)
		.flatMap((part) => (part.type === type && part.text !== '' ? part.text : []));
}

/** What the model wrote for each call that stands, as far as it came. */
function argumentsIn(events: Numbered[]): string[] {
	const messages: OurMessage[] = [];
	for (const event of events) fold(messages, event);
	return messages
		.flatMap(({ parts }) => parts)
		.flatMap((part) => {
			if (part.type !== 'tool') return [];
			return part.input === undefined ? part.inputText : JSON.stringify(part.input);
		});
}

function saidOf(messages: Message[], role: Message['role']): string[] {
	return messages.flatMap((message) =>
		message.role === role && textOf(message) !== '' ? textOf(message) : []
	);
}

function textOf(message: Message | undefined): string {
	return typeof message?.content === 'string' ? message.content : '';
}

function question(content: string): Message {
	return { id: crypto.randomUUID(), role: 'user', content };
}

function picture() {
	return {
		type: 'image' as const,
		source: { type: 'url' as const, value: 'https://example.com/x.png' }
	};
}
