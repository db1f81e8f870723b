import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunErrorCode } from '#lib/protocol/errors.ts';
import { parseConfig } from '#lib/server/config.ts';
import { refusals } from '../../../../tests/upstream/faults.ts';
import {
	startUpstream,
	type Fault,
	type Reply,
	type Script,
	type Upstream
} from '../../../../tests/upstream/upstream.ts';
import { createAgents } from './agents.ts';
import { ask, type Collected } from './collect.ts';

const CANARY = 'sk-canary-7f3a9c51e2';

let upstream: Upstream | undefined;
let printed: string[];

beforeEach(() => {
	printed = [];
	for (const method of ['log', 'warn', 'error', 'info', 'debug'] as const) {
		vi.spyOn(console, method).mockImplementation((...args: unknown[]) => {
			printed.push(
				args.map((arg) => (arg instanceof Error ? tellAll(arg) : String(arg))).join(' ')
			);
		});
	}
});

afterEach(async () => {
	vi.restoreAllMocks();
	await upstream?.stop();
	upstream = undefined;
});

describe.each(['responses', 'chat_completions'] as const)('when %s fails', (api) => {
	/** Asks a server that answers so, and holds that the key is nowhere to be seen. */
	async function askWith(
		reply: Reply | Script,
		env: Record<string, string> = {}
	): Promise<Collected> {
		upstream = await startUpstream({ reply });
		return askAt(upstream.url, env);
	}

	async function askAt(url: string, env: Record<string, string> = {}): Promise<Collected> {
		const answer = createAgents(
			parseConfig({ OPENAI_API: api, OPENAI_BASE_URL: url, OPENAI_API_KEY: CANARY, ...env })
		);
		const collected = await ask(answer, 'Hi');
		const { said, failure } = collected;
		const shown = [JSON.stringify(said), failure ? tellAll(failure) : '', ...printed].join('\n');
		expect(shown).not.toContain('sk-canary');
		return collected;
	}

	const hello = { steps: [{ text: ['Hel', 'lo', '.'] }] };

	test.for<[name: string, fault: Fault, code: RunErrorCode, words: string, retryable: boolean]>([
		['a bad key', refusals.badKey(CANARY), 'model-key-refused', 'OPENAI_API_KEY', false],
		['no permission', refusals.noPermission(), 'model-key-refused', 'OPENAI_API_KEY', false],
		['an unknown model', refusals.unknownModel(), 'model-unknown', '“gpt-test”', false],
		['an unknown path', { type: 'status', status: 404 }, 'model-unknown', 'OPENAI_BASE_URL', false],
		['a long context', refusals.contextTooLong(), 'context-too-long', 'Begin a new one', false],
		['a bad request', refusals.badRequest(), 'invalid-request', 'refused the request', false],
		['an account without credit', refusals.noQuota(), 'rate-limited', 'no credit left', false],
		['a rate limit', refusals.rateLimited(20), 'rate-limited', 'wait 20 s', true],
		[
			'a redirect',
			refusals.redirect('http://127.0.0.1:1/'),
			'model-failed',
			'another address',
			false
		]
	])('%o is told in a sentence, and asked once', async ([, fault, code, words, retryable]) => {
		const { failure } = await askWith({ steps: [], fault });

		expect(failure?.code).toBe(code);
		expect(failure?.message).toContain(words);
		expect(failure?.message).not.toContain('{');
		expect(failure?.retryable).toBe(retryable);
		expect(upstream?.requests).toHaveLength(1);
		expect(printed).toHaveLength(1);
	});

	test('a broken server is told after it was asked again', async () => {
		const { failure } = await askWith({ steps: [], fault: refusals.broken(503) });

		expect(failure?.code).toBe('model-failed');
		expect(failure?.message).toContain('503');
		expect(upstream?.requests).toHaveLength(3);
	});

	test('a key so short that it is a dummy leaves the log readable', async () => {
		const fault = refusals.badKey(CANARY);
		await askWith({ steps: [], fault }, { OPENAI_API_KEY: 'e' });
		expect(printed.join()).toContain('Incorrect API key provided: sk-[key]');
	});

	test('a short wait is waited for', async () => {
		const { text, failure } = await askWith((_body, number) =>
			number === 0 ? { steps: [], fault: refusals.rateLimited(1) } : hello
		);

		expect(failure).toBeUndefined();
		expect(text).toBe('Hello.');
	});

	test('a server that is not there is named, without what is secret in its address', async () => {
		const { failure } = await askAt(
			`http://user:${CANARY}@127.0.0.1:${String(await freePort())}/v1`
		);

		expect(failure?.code).toBe('model-unreachable');
		expect(failure?.message).toMatch(/127\.0\.0\.1:\d+ cannot be reached/);
		expect(failure?.retryable).toBe(true);
	});

	test('a host that nobody knows is named', async () => {
		const { failure } = await askAt('http://no-such-host.invalid/v1');

		expect(failure?.code).toBe('model-unreachable');
		expect(failure?.message).toContain('no-such-host.invalid');
	});

	test.for<[name: string, reply: Partial<Reply>, text?: string]>([
		['a reset', { fault: { type: 'reset', after: 2 } }],
		['a clean cut', { fault: { type: 'cut', after: 2 } }],
		['an end without an ending', { end: 'nothing' }, 'Hello.'],
		['a failure in the middle', { end: 'failed' }, 'Hello.'],
		['an error in the middle', { end: 'error' }, 'Hello.'],
		['a malformed event', { fault: { type: 'insert', after: 2, bytes: 'data: {"type":\n\n' } }],
		['a line without an end', { fault: { type: 'flood', after: 2 } }]
	])('%o keeps the text and can be tried again', async ([, reply, heard = 'Hello']) => {
		const { text, said, failure } = await askWith({ ...hello, ...reply });

		expect(text).toBe(heard);
		expect(failure?.code).toBe('model-failed');
		expect(failure?.retryable).toBe(true);
		expect(said.slice(-2)).toEqual([
			{ type: 'text-end', partId: '1.1' },
			{ type: 'turn-end', turn: 1 }
		]);
		expect(upstream?.requests).toHaveLength(1);
	});

	test('a line without an end is not waited for', async () => {
		await askWith({ ...hello, fault: { type: 'flood', after: 2 } });
		const [request] = upstream?.requests ?? [];
		await request?.closed;
		expect(request?.sent).toBeGreaterThan(16_000_000); // a long line is none of our business
		expect(request?.sent).toBeLessThan(64_000_000);
	});

	test('an answer of nothing is a failure, not a reason to ask again and again', async () => {
		const { failure } = await askWith({ steps: [] });

		expect(failure?.code).toBe('model-failed');
		expect(upstream?.requests).toHaveLength(1);
	});

	test('a filter that lets nothing through is a refusal', async () => {
		const { failure } = await askWith({ steps: [], end: 'filter' });

		expect(failure?.code).toBe('model-refused');
	});

	test('a filter that cuts an answer off leaves what was said', async () => {
		const { text, outcome } = await askWith({ steps: [{ text: 'Hello' }], end: 'filter' });

		expect(text).toBe('Hello');
		expect(outcome?.reason).toBe('limit');
	});

	test('what nobody expects in a stream is passed over', async () => {
		const strange = [
			': a comment',
			'event: unheard-of\ndata: {"type":"response.unheard_of","delta":"no"}',
			'data: null',
			'data: 7',
			'data: []',
			'data: {"type":{"a":1},"choices":"no","item":7}',
			'data: {"choices":[{"index":0,"delta":{"content":7,"tool_calls":{"a":1}}}]}',
			'nonsense',
			'retry: soon'
		];
		const bytes = strange.map((frame) => `${frame}\n\n`).join('');
		const { text, outcome } = await askWith({
			...hello,
			fault: { type: 'insert', after: 1, bytes }
		});

		expect(text).toBe('Hello.');
		expect(outcome?.reason).toBe('done');
	});

	test.for<[name: string, fault: Fault, text: string]>([
		['before the headers', { type: 'hang' }, ''],
		['in the middle', { type: 'hang', after: 2 }, 'Hello'],
		['in the middle, but for comments', { type: 'hang', after: 2, comments: true }, 'Hello']
	])('silence %o ends the run, and the connection', async ([, fault, heard]) => {
		const quiet = { MODEL_IDLE_TIMEOUT_MS: '1000' };
		const { text, failure } = await askWith({ ...hello, fault }, quiet);

		expect(text).toBe(heard);
		expect(failure?.code).toBe('model-timeout');
		expect(failure?.message).toContain('1 s');
		const [request] = upstream?.requests ?? [];
		await request?.closed;
		expect(request?.closedEarly).toBe(true);
		expect(upstream?.requests).toHaveLength(1);
	});

	test('a slow answer is no silence', async () => {
		const text = Array<string>(5).fill('x');
		const { outcome } = await askWith(
			{ steps: [{ text }], rate: 2 },
			{ MODEL_IDLE_TIMEOUT_MS: '1500' }
		);

		expect(outcome?.reason).toBe('done');
	});
});

/** An error with its stack and its causes, as a log would show it. */
function tellAll(error: Error): string {
	const cause = error.cause instanceof Error ? tellAll(error.cause) : String(error.cause);
	return `${error.message} ${error.stack ?? ''} ${JSON.stringify(error)} ${cause}`;
}

async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}
