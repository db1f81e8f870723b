import { HttpAgent } from '@ag-ui/client';
import { Chat } from '@ai-sdk/svelte';
import { DefaultChatTransport } from 'ai';
import { EventSource } from 'eventsource';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import type { Numbered } from '#lib/protocol/events.ts';
import { openAi } from './followers.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };
const main = join(import.meta.dirname, '../../src/cli/main.ts');

/** Asks a question with a client's own code, leaves, and gives the run's id. The run goes on. */
type Starter = (url: string, question: string) => Promise<string>;

/** The clients that begin runs, by their names. */
export const STARTERS: Record<string, Starter> = {
	'curl on steps': async (url, question) => {
		const body = JSON.stringify({ message: question });
		const args = ['-sNi', '-H', 'content-type: application/json', '-d', body, `${url}/chat`];
		const curl = spawn('curl', args, { stdio: ['ignore', 'pipe', 'inherit'] });
		const [, runId] = await heard(curl.stdout, /^x-run-id: (\S+)/);
		curl.kill();
		return runId!;
	},

	'fetch on typed': async (url, question) => {
		const response = await fetch(`${url}/api/chat/stream?wire=typed`, {
			method: 'POST',
			headers: JSON_HEADERS,
			body: JSON.stringify({ message: question })
		});
		await response.body?.cancel();
		return response.headers.get('x-run-id')!;
	},

	'the eventsource package on text': (url, question) =>
		new Promise((resolve) => {
			const source = new EventSource(
				`${url}/api/agent/stream?input=${encodeURIComponent(question)}`
			);
			source.onmessage = ({ lastEventId }) => {
				source.close();
				resolve(lastEventId.split(':')[0]!);
			};
		}),

	'the ws package': (url, question) =>
		new Promise((resolve) => {
			const socket = new WebSocket(`${url.replace('http', 'ws')}/api/ws`);
			socket.on('open', () => {
				socket.send(JSON.stringify({ message: question }));
			});
			socket.on('message', (data: Buffer) => {
				const [said] = Object.values(
					JSON.parse(data.toString()) as Record<string, { metadata: { run_id: string } }>
				);
				socket.close();
				resolve(said!.metadata.run_id);
			});
		}),

	"the AI SDK's Chat": async (url, question) => {
		const started = Promise.withResolvers<string>();
		const chat = new Chat({
			transport: new DefaultChatTransport({
				api: `${url}/api/chat`,
				fetch: async (...request) => {
					const response = await fetch(...request);
					started.resolve(response.headers.get('x-run-id')!);
					return response;
				}
			})
		});
		const sent = chat.sendMessage({ text: question });
		const runId = await started.promise;
		await chat.stop();
		await sent;
		return runId;
	},

	"AG-UI's HttpAgent": async (url, question) => {
		const started = Promise.withResolvers<string>();
		const agent = new HttpAgent({
			url: `${url}/api/ag-ui?detached=1`,
			threadId: crypto.randomUUID(),
			fetch: async (...request) => {
				const response = await fetch(...request);
				started.resolve(response.headers.get('x-run-id')!);
				return response;
			}
		});
		agent.addMessage({ id: crypto.randomUUID(), role: 'user', content: question });
		const run = agent.runAgent().catch(() => undefined); // leaving is an error to it
		const runId = await started.promise;
		agent.abortRun();
		await run;
		return runId;
	},

	"OpenAI's chat completions": async (url, question) => {
		const { data: stream, response } = await openAi(url)
			.chat.completions.create(
				{ model: 'demo', messages: [{ role: 'user', content: question }], stream: true },
				{ query: { detached: '1' } }
			)
			.withResponse();
		for await (const _ of stream) break;
		return response.headers.get('x-run-id')!;
	},

	"OpenAI's responses": async (url, question) => {
		const body = { model: 'demo', input: question, background: true };
		const { id } = await openAi(url).responses.create(body);
		return id.replace('resp_', '');
	},

	ChatKit: async (url, question) => {
		const input = { content: [{ type: 'input_text', text: question }] };
		const response = await fetch(`${url}/api/chatkit?detached=1`, {
			method: 'POST',
			headers: JSON_HEADERS,
			body: JSON.stringify({ type: 'threads.create', params: { input } })
		});
		await response.body?.cancel();
		return response.headers.get('x-run-id')!;
	},

	'our command line': async (url, question) => {
		const cli = spawn(process.execPath, [main, '--server', url, '--json', question], {
			stdio: ['ignore', 'pipe', 'inherit']
		});
		const [line] = await heard(cli.stdout, /^.+$/);
		cli.kill('SIGTERM');
		const start = JSON.parse(line) as Extract<Numbered, { type: 'run-start' }>;
		return start.runId;
	}
};

/** Waits until a line is printed, and leaves the stream open: to close it may be a way to stop. */
function heard(stream: NodeJS.ReadableStream, wanted: RegExp): Promise<RegExpExecArray> {
	return new Promise((resolve, reject) => {
		createInterface(stream)
			.on('line', (line) => {
				const found = wanted.exec(line);
				if (found) resolve(found);
			})
			.on('close', () => {
				reject(new Error(`It ended without saying ${String(wanted)}.`));
			});
	});
}
