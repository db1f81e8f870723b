import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fold } from '#lib/protocol/fold.ts';
import { textOf, type AssistantMessage, type Message } from '#lib/protocol/messages.ts';
import { eventsOf } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';
import { section } from '../snippets.ts';
import { startUpstream, type Script, type Upstream } from '../upstream/upstream.ts';
import { MODEL, WAYS } from './ways-to-ask.ts';

const SECRET = 'q8Jm2vYtR0xK7nWc4hLp9sDf3gZb6aUe';

/** What the model answers, turn by turn. */
const TURNS: Record<string, ReturnType<Script>[]> = {
	'Work it out.': [
		{
			steps: [
				{ reasoning: 'Two tools at once. ' },
				{ text: 'Let me *look*. ' },
				{ call: { id: 'sum', name: 'calculate', args: { expression: '12*7+1' } } },
				{ call: { id: 'time', name: 'current_time', args: { time_zone: 'Atlantis' } } }
			]
		},
		{ steps: [{ text: 'It is **85**,\r\nand nobody knows the time there: 👩‍👩‍👧.\n' }] }
	],
	'Go on for ever.': [{ steps: [{ text: 'And on, and on, and' }], end: 'length' }],
	'Break down.': [{ steps: [{ text: 'I was about to' }], end: 'failed' }],
	'Show no key.': [{ steps: [], fault: { type: 'status', status: 401 } }]
};

/** What becomes of it. */
const ENDS: Record<string, AssistantMessage['status']> = {
	'Work it out.': 'done',
	'Go on for ever.': 'limit',
	'Break down.': 'failed',
	'Show no key.': 'failed'
};

let upstream: Upstream;
let server: TestServer;
let authorization: string;

beforeAll(async () => {
	upstream = await startUpstream({ reply: script });
	server = await startServer({
		OPENAI_BASE_URL: upstream.url,
		OPENAI_API_KEY: 'sk-test',
		OPENAI_MODEL: MODEL,
		AUTH_JWT_SECRET: SECRET
	});
	const token = new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'HS256' });
	authorization = `Bearer ${await token.sign(new TextEncoder().encode(SECRET))}`;
});
afterAll(() => Promise.all([server.remove(), upstream.stop()]));

test('every route that answers with a run is among the ways to ask', () => {
	const rows = section('The routes').matchAll(/^\| (`.+?\/.+?`) +\|.+\| (.+?) +\|$/gm);
	const asking = [...rows]
		.filter(([, , answers]) => /^(a run|once|as OpenAI's|a WebSocket)/.test(answers!))
		.flatMap(([, route]) => {
			const [path] = /\/[^`]+/.exec(route!)!;
			return [...route!.matchAll(/GET|POST/g)].map(([method]) => `${method} ${path}`);
		});
	expect(asking.length).toBeGreaterThan(10);
	expect([...new Set(WAYS.map(([route]) => route))].sort()).toEqual(asking.sort());
});

test.for(Object.keys(TURNS))(
	'the same question gives the same message, whichever way it is asked: %s',
	{ timeout: 120_000 },
	async (question) => {
		const [, , first] = WAYS[0]!;
		const { runId } = await first(server.url, question, { authorization });
		const expected = await replyTo(runId, { authorization });
		expect(expected.status).toBe(ENDS[question]);
		const tools = expected.parts.flatMap((part) => (part.type === 'tool' ? part.state : []));
		expect(tools).toEqual(expected.status === 'done' ? ['done', 'failed'] : []);

		for (const [route, how, ask] of WAYS) {
			const { runId, text, failed } = await ask(server.url, question, { authorization });
			const reply = await replyTo(runId, route.includes(' /v1/') ? {} : { authorization });
			expect({ route, how, ...same(reply) }).toEqual({ route, how, ...same(expected) });
			expect({ route, how, failed }).toEqual({ route, how, failed: reply.failure !== undefined });
			// who is told of a failure need not be told what came before it
			if (!failed) expect(compact(text), `${route} ${how}`).toBe(compact(textOf(reply)));
		}
	}
);

function script({ input }: Parameters<Script>[0]): ReturnType<Script> {
	const asked = JSON.stringify(input);
	const question = Object.keys(TURNS).find((text) => asked.includes(text)) ?? '';
	const turns = TURNS[question] ?? [];
	return turns[asked.includes('function_call_output') ? 1 : 0] ?? { steps: [] };
}

/** The reply of a run, folded from its log. */
async function replyTo(runId: string, headers: Record<string, string>): Promise<AssistantMessage> {
	const messages: Message[] = [];
	const response = await fetch(`${server.url}/api/runs/${runId}/events`, { headers });
	for await (const event of eventsOf(response)) fold(messages, event);
	return messages[0] as AssistantMessage;
}

/** A reply without what no two runs share: ids, numbers of events, how long it took, what was read. */
function same(reply: AssistantMessage): object {
	const { id: _id, runId: _run, seq: _seq, durationMs: _ms, usage, parts, ...rest } = reply;
	return {
		...rest,
		outputTokens: usage?.outputTokens,
		parts: parts.map((part) => ({
			...part,
			seq: 0,
			...('durationMs' in part && { durationMs: 0 })
		}))
	};
}

/** Without white space: some join the texts of a message with a blank line, some do not. */
function compact(text: string): string {
	return text.replaceAll(/\s+/g, '');
}
