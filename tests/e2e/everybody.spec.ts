import { HttpAgent } from '@ag-ui/client';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text as textFrom } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { textOf } from '../ask.ts';
import { follow } from '../ask.ts';
import { answers, expect, settled, test } from './runnel.ts';

const root = join(import.meta.dirname, '../..');

test('one run that curl began is watched by everybody at once, cut and resumed, with one text', async ({
	runnel,
	server
}) => {
	const curl = spawn(
		'curl',
		[
			'-sN',
			...['-H', 'content-type: application/json'],
			...['-d', '{"text":"Write 250 words about a river."}', `${server.url}/api/runs`]
		],
		{ stdio: ['ignore', 'pipe', 'ignore'] }
	);
	const begun = await new Promise<{ runId: string; conversationId: string } | undefined>(
		(resolve) => {
			let said = '';
			curl.on('error', () => {
				resolve(undefined);
			});
			curl.stdout.on('data', (chunk: Buffer) => {
				said += chunk.toString();
				const [, start] = /data: (\{.*"run-start".*\})\n/.exec(said) ?? [];
				if (start) resolve(JSON.parse(start) as { runId: string; conversationId: string });
			});
		}
	);
	test.skip(!begun, 'curl is not on this machine');
	const { runId, conversationId } = begun!;
	curl.kill(); // curl is cut; the run goes on

	const [cli, socket, agUi] = await Promise.all([
		commandLine(server.url, runId),
		webSocket(server.url, runId),
		agUiClient(server.url, runId, conversationId),
		(async () => {
			await runnel.goto(`${server.url}/c/${conversationId}`);
			await expect.poll(() => answers(runnel).last().innerText()).toMatch(/(\w+\W+){20}/);
			await runnel.reload();
			await settled(runnel);
		})()
	]);

	const whole = textOf(await follow(server.url, runId));
	expect(whole.split(/\s+/).length).toBeGreaterThan(200);
	expect(cli.trim()).toBe(whole.trim());
	expect(socket).toBe(whole);
	expect(agUi).toBe(whole);
	const squeezed = (text: string) => text.replaceAll(/[\s*#_`]+/g, '');
	expect(squeezed(await answers(runnel).last().innerText())).toContain(squeezed(whole));
});

test('the same question gives the same message, whichever wire began the run', async ({
	server
}) => {
	test.setTimeout(120_000);
	const question = 'What is 12*7+1?';
	const json = { 'content-type': 'application/json' };
	const starts: [string, object][] = [
		['/api/runs', { text: question }],
		['/api/agent/stream', { input: question }],
		['/api/chat/stream', { message: question }],
		['/chat', { message: question }],
		[
			'/api/chat',
			{
				id: 'same',
				messages: [{ id: 'u', role: 'user', parts: [{ type: 'text', text: question }] }]
			}
		],
		[
			'/v1/chat/completions',
			{ model: 'demo', stream: true, messages: [{ role: 'user', content: question }] }
		],
		['/v1/responses', { model: 'demo', stream: true, input: question }]
	];
	const replies = await Promise.all(
		starts.map(async ([path, body]) => {
			const response = await fetch(server.url + path, {
				method: 'POST',
				headers: json,
				body: JSON.stringify(body)
			});
			const runId = response.headers.get('x-run-id') ?? '';
			await response.text();
			const said = await follow(server.url, runId);
			const tools = said.flatMap((event) => (event.type === 'tool-end' ? [event.output] : []));
			return { path, text: textOf(said), tools };
		})
	);
	const [first] = replies;
	expect(first!.text).toContain('85');
	for (const { path, ...reply } of replies) {
		expect({ path, ...reply }).toEqual({ ...first, path });
	}
});

/** Our command line, killed on the way and started again. */
async function commandLine(url: string, runId: string): Promise<string> {
	const launch = () =>
		spawn(
			process.execPath,
			[join(root, 'src/cli/main.ts'), '--server', url, '--follow', runId, '--quiet'],
			{ stdio: ['ignore', 'pipe', 'inherit'] }
		);
	const first = launch();
	await new Promise((resolve) => first.stdout.once('data', resolve));
	first.kill('SIGTERM');
	return textFrom(launch().stdout);
}

/** The `ws` client, closed on the way and resumed from what it has. */
async function webSocket(url: string, runId: string): Promise<string> {
	let said = '';
	let after = 0;
	const listen = async (isEnough: () => boolean): Promise<void> => {
		const socket = new WebSocket(`${url.replace('http', 'ws')}/api/ws`);
		socket.on('open', () => {
			socket.send(JSON.stringify({ resume: { run_id: runId, after } }));
		});
		socket.on('message', (data: Buffer) => {
			const message = JSON.parse(data.toString()) as Record<
				string,
				{ metadata: { seq: number }; content?: string }
			>;
			const [name, { metadata, content = '' }] = Object.entries(message)[0]!;
			said += content;
			after = metadata.seq;
			if (/^Agent(Completed|Failed)$/.test(name) || isEnough()) socket.close();
		});
		await new Promise((resolve) => socket.on('close', resolve));
	};
	await listen(() => said.length > 200);
	await listen(() => false);
	return said;
}

/** The AG-UI client on a run that somebody else began; each time it reads the run from its start. */
async function agUiClient(url: string, runId: string, threadId: string): Promise<string> {
	const watcher = () =>
		new HttpAgent({
			url: `${url}/api/runs/${runId}/events?wire=ag-ui`,
			threadId,
			fetch: (address, { signal }) => fetch(address, { signal: signal ?? null })
		});
	const cut = watcher();
	setTimeout(() => {
		cut.abortRun();
	}, 1000);
	await cut.runAgent().catch(() => undefined);

	const whole = watcher();
	await whole.runAgent();
	return whole.messages
		.filter(({ role }) => role === 'assistant')
		.map(({ content }) => (typeof content === 'string' ? content : ''))
		.join('');
}
