import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ConversationView } from '#lib/protocol/conversations.ts';
import type { Numbered } from '#lib/protocol/events.ts';
import { textOf } from '#lib/protocol/messages.ts';
import { ask, eventsOf, follow } from '../../tests/ask.ts';
import { runCli, startCli, temporaryFolder } from '../../tests/cli.ts';
import { startServer, type TestServer } from '../../tests/server.ts';

const LONG = { timeout: 120_000 };
let server: TestServer;

beforeEach(async () => {
	server = await startServer({ AUTH_JWT_SECRET: 'no secret at all, but long enough for a test' });
});
afterEach(() => server.remove());

test('a server answers as this process does, and keeps the conversation', LONG, async () => {
	const folder = temporaryFolder();
	const env = { RUNNEL_SERVER: server.url };
	const said = await runCli(folder, ['What is 12*7+1?'], { env });
	expect(said).toMatchObject({ stdout: 'Let me look.\n\n`12*7+1` is **85**.\n', code: 0 });
	const again = await runCli(folder, ['-c', 'What did I ask first?'], { env });
	expect(again.stdout).toContain('What is 12*7+1?');
});

test('--follow reads a run that somebody else began, from its start', LONG, async () => {
	const { runId, conversationId } = await begin('write 300 words');
	const args = ['--server', server.url, '--follow', runId];
	const [text, json] = await Promise.all([
		runCli(temporaryFolder(), args),
		runCli(temporaryFolder(), [...args, '--json'])
	]);
	expect(text.code).toBe(0);
	expect(text.stdout).toBe(`${await answerIn(conversationId)}\n`);
	const events = json.stdout.trimEnd().split('\n');
	expect(events.map((line) => JSON.parse(line) as Numbered)).toEqual(
		await follow(server.url, runId)
	);
});

test.for(['SIGKILL', 'SIGTERM'] as const)(
	'a server that dies of %s and comes back in the middle of --follow loses and repeats nothing',
	LONG,
	async (signal) => {
		const { runId, conversationId } = await begin('write 3000 words');
		const cli = startCli(temporaryFolder(), ['--server', server.url, '--follow', runId]);
		await cli.printed(' ');
		await server.restart(signal);
		const { stdout, stderr, code } = await cli.done;
		expect(stdout.trimEnd()).toBe((await answerIn(conversationId)).trimEnd());
		expect(stderr).toContain('The server restarted while this was being answered.');
		expect(code).toBe(1);
	}
);

test('Ctrl-C stops the run on the server', LONG, async () => {
	const cli = startCli(temporaryFolder(), ['--json', 'write 5000 words'], {
		RUNNEL_SERVER: server.url
	});
	cli.child.stdin.end();
	await cli.printed('text-delta');
	cli.child.kill('SIGINT');
	const { stdout, code } = await cli.done;
	expect(code).toBe(130);
	expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({
		type: 'run-end',
		reason: 'stopped'
	});
});

test('SIGTERM leaves, and the run goes on', LONG, async () => {
	const { runId } = await begin('write 300 words');
	const cli = startCli(temporaryFolder(), ['--server', server.url, '--follow', runId]);
	await cli.printed(' ');
	cli.child.kill('SIGTERM');
	expect((await cli.done).code).toBe(143);
	expect((await follow(server.url, runId)).at(-1)).toMatchObject({ reason: 'done' });
});

test('a call that a person allows elsewhere goes on here', LONG, async () => {
	const cli = startCli(temporaryFolder(), ['--json', 'Save a note: buy milk'], {
		RUNNEL_SERVER: server.url
	});
	cli.child.stdin.end();
	await cli.printed('run-pause');
	const events = cli.said().split('\n').filter(Boolean);
	const said = events.map((line) => JSON.parse(line) as Numbered);
	const start = said.find((event) => event.type === 'run-start');
	const request = said.find((event) => event.type === 'approval-request');
	const path = `/api/runs/${start!.runId}/approvals/${request!.approvalId}`;
	await fetch(server.url + path, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ approved: true })
	});
	const { stdout, code } = await cli.done;
	expect(stdout).toContain('tool-end');
	expect(code).toBe(0);
});

test('a server tells who can answer, and not to a bad token', LONG, async () => {
	const agents = `${server.url}/api/agents`;
	const cast = { agents: ['assistant'], models: ['demo'], demo: true };
	expect(await (await fetch(agents)).json()).toEqual(cast);
	const refused = await fetch(agents, { headers: { authorization: 'Bearer nonsense' } });
	expect(refused.status).toBe(401);
});

test('a bad token is told in the words of the server', LONG, async () => {
	const args = ['--server', server.url, '--token', 'nonsense', 'x'];
	expect(await runCli(temporaryFolder(), args)).toEqual({
		stdout: '',
		stderr: 'runnel: The bearer token is not valid here, or no longer.\n',
		code: 1
	});
});

test('a server that is not there is told at once', LONG, async () => {
	await server.kill();
	expect(await runCli(temporaryFolder(), ['--server', server.url, 'x'])).toEqual({
		stdout: '',
		stderr: `runnel: No server can be reached at ${server.url}.\n`,
		code: 1
	});
});

test.for([200, 404])(
	'what answers with another page and %i is not Runnel',
	LONG,
	async (status) => {
		const stranger = createServer((_request, response) => {
			response.writeHead(status, { 'content-type': 'text/html' }).end('<p>Hello</p>');
		}).listen(0, '127.0.0.1');
		await once(stranger, 'listening');
		const url = `http://127.0.0.1:${String((stranger.address() as AddressInfo).port)}`;
		const said = await runCli(temporaryFolder(), ['--server', url, 'x']);
		stranger.close();
		expect(said).toEqual({
			stdout: '',
			stderr: `runnel: What answers at ${url} is not Runnel.\n`,
			code: 1
		});
	}
);

test('a conversation that is being answered says how to see the answer', LONG, async () => {
	const { runId, conversationId } = await begin('write 5000 words');
	const args = ['--server', server.url, '--conversation', conversationId, 'And now?'];
	expect(await runCli(temporaryFolder(), args)).toEqual({
		stdout: '',
		stderr: `runnel: This conversation is being answered. runnel --follow ${runId} shows it.\n`,
		code: 1
	});
});

/** Starts a run as a page does, and leaves as soon as it has begun. */
async function begin(text: string) {
	for await (const event of eventsOf(await ask(server.url, { text }))) {
		if (event.type === 'run-start') return event;
	}
	throw new Error('no run began');
}

async function answerIn(conversationId: string): Promise<string> {
	const response = await fetch(`${server.url}/api/conversations/${conversationId}`);
	const { messages } = (await response.json()) as ConversationView;
	return textOf(messages.at(-1)!);
}
