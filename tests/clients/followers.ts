import { HttpAgent } from '@ag-ui/client';
import { EventSource } from 'eventsource';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import OpenAI from 'openai';
import { WebSocket } from 'ws';
import { parse, shown } from './readers.ts';

const main = join(import.meta.dirname, '../../src/cli/main.ts');

/** A run that somebody began. */
export interface Begun {
	runId: string;
	conversationId: string;
}

/**
 * Follows a run that somebody else began to its end, with a client's own code, and gives its text.
 * Leaves after `cutAfter` characters, once, and comes back as that client does.
 */
export type Follower = (url: string, run: Begun, cutAfter: number) => Promise<string>;

/** The clients that follow runs, by their names; the AI SDK's `Chat` is in `follow-with-chat.ts`. */
export const FOLLOWERS: Record<string, Follower> = {
	'curl on steps': streamed('steps', curl),
	'fetch on typed': streamed('typed', fetched),
	'fetch on delta': streamed('delta', fetched),
	'fetch on chatkit': streamed('chatkit', fetched),
	'fetch on ui-message': streamed('ui-message', fetched),
	'the eventsource package on text': (url, { runId }, cutAfter) =>
		eventSource(`${url}/api/runs/${runId}/events?wire=text`, 'message', cutAfter),
	'the eventsource package on named': (url, { runId }, cutAfter) =>
		eventSource(`${url}/api/runs/${runId}/events?wire=named`, 'token', cutAfter),
	'the ws package': webSocket,
	"AG-UI's HttpAgent": agUi,
	"OpenAI's chat completions": completions,
	"OpenAI's responses": responses,
	'our command line': commandLine
};

/** Reads a reply until it has so many characters, or to its end. */
type Read = (url: string, lastId: string | undefined, enough: number) => Promise<string>;

/** A client that reads a wire as it is, and comes back with the last id it has read. */
function streamed(wire: string, read: Read): Follower {
	return async (url, { runId }, cutAfter) => {
		const events = `${url}/api/runs/${runId}/events?wire=${wire}`;
		const part = await read(events, undefined, cutAfter);
		const whole = part.slice(0, part.lastIndexOf('\nid: '));
		const upToId = part.slice(0, part.indexOf('\n\n', whole.length) + 2);
		const rest = await read(events, parse(upToId).at(-1)?.id, Infinity);
		return (await shown(wire, upToId + rest)).text;
	};
}

async function curl(url: string, lastId: string | undefined, enough: number): Promise<string> {
	const cursor = lastId === undefined ? [] : ['-H', `Last-Event-ID: ${lastId}`];
	const child = spawn('curl', ['-sN', ...cursor, url], { stdio: ['ignore', 'pipe', 'inherit'] });
	let said = '';
	for await (const chunk of child.stdout.setEncoding('utf8')) {
		said += String(chunk);
		if (said.length >= enough) break;
	}
	child.kill();
	return said;
}

async function fetched(url: string, lastId: string | undefined, enough: number): Promise<string> {
	const headers: HeadersInit = lastId === undefined ? {} : { 'last-event-id': lastId };
	const response = await fetch(url, { headers });
	let said = '';
	if (!response.body) return said;
	for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
		said += chunk;
		if (said.length >= enough) break;
	}
	return said;
}

/** Comes back by itself when it is cut off, and closes when it is told that there is no more. */
function eventSource(url: string, name: string, cutAfter: number): Promise<string> {
	return new Promise((resolve) => {
		let said = '';
		let cut: AbortController | undefined = new AbortController();
		const source = new EventSource(url, {
			fetch: async (address, init) => {
				const response = await fetch(address, init);
				const { signal } = cut ?? {};
				if (!signal || !response.body) return response;
				const body = response.body.pipeThrough(new TransformStream(), { signal });
				return new Response(body, response);
			}
		});
		source.addEventListener(name, ({ data }: MessageEvent<string>) => {
			said += data;
			if (said.length < cutAfter) return;
			cut?.abort(new Error('The network is gone.'));
			cut = undefined;
		});
		source.onerror = () => {
			if (source.readyState === EventSource.CLOSED) resolve(said);
		};
	});
}

async function webSocket(url: string, { runId }: Begun, cutAfter: number): Promise<string> {
	let said = '';
	const has = { after: 0, over: false };
	for (const enough of [cutAfter, Infinity]) {
		if (has.over) break;
		const socket = new WebSocket(`${url.replace('http', 'ws')}/api/ws`);
		socket.on('open', () => {
			socket.send(JSON.stringify({ resume: { run_id: runId, after: has.after } }));
		});
		socket.on('message', (data: Buffer) => {
			if (said.length >= enough) return;
			const message = JSON.parse(data.toString()) as Record<
				string,
				{ metadata: { seq: number }; content?: string }
			>;
			const [name, { metadata, content = '' }] = Object.entries(message)[0]!;
			said += content;
			has.after = metadata.seq;
			has.over = /^Agent(Completed|Failed)$/.test(name);
			if (has.over || said.length >= enough) socket.close();
		});
		await new Promise((resolve) => socket.on('close', resolve));
	}
	return said;
}

/** Reads a run from its start each time. */
async function agUi(url: string, run: Begun, cutAfter: number): Promise<string> {
	const watch = async (enough: number) => {
		const agent = new HttpAgent({
			url: `${url}/api/runs/${run.runId}/events?wire=ag-ui`,
			threadId: run.conversationId,
			fetch: (address, { signal }) => fetch(address, { signal: signal ?? null })
		});
		let said = 0;
		const onTextMessageContentEvent = ({ event }: { event: { delta: string } }) => {
			said += event.delta.length;
			if (said >= enough) agent.abortRun();
		};
		await agent.runAgent({}, { onTextMessageContentEvent }).catch((cause: unknown) => {
			if (enough === Infinity) throw cause;
		});
		const answers = agent.messages.filter(({ role }) => role === 'assistant');
		return answers.map(({ content }) => (typeof content === 'string' ? content : '')).join('');
	};
	await watch(cutAfter);
	return watch(Infinity);
}

/** Has no word for coming back: it is cut, and reads the run from its start. */
async function completions(url: string, { runId }: Begun, cutAfter: number): Promise<string> {
	const client = openAi(url, (_, init) =>
		fetch(`${url}/api/runs/${runId}/events?wire=openai`, { signal: init?.signal ?? null })
	);
	let said = '';
	for (const enough of [cutAfter, Infinity]) {
		const stream = await client.chat.completions.create({
			model: 'demo',
			messages: [],
			stream: true
		});
		said = '';
		for await (const { choices } of stream) {
			said += choices[0]?.delta.content ?? '';
			if (said.length >= enough) break;
		}
	}
	return said;
}

async function responses(url: string, { runId }: Begun, cutAfter: number): Promise<string> {
	const client = openAi(url);
	let said = '';
	let number: number | undefined;
	for (const enough of [cutAfter, Infinity]) {
		const stream = await client.responses.retrieve(`resp_${runId}`, {
			stream: true,
			...(number !== undefined && { starting_after: number })
		});
		for await (const event of stream) {
			number = event.sequence_number;
			if (event.type === 'response.output_text.delta') said += event.delta;
			if (said.length >= enough) break;
		}
	}
	return said;
}

/** Is killed on the way, and started again. */
async function commandLine(url: string, { runId }: Begun): Promise<string> {
	const launch = () =>
		spawn(process.execPath, [main, '--server', url, '--follow', runId, '--quiet'], {
			stdio: ['ignore', 'pipe', 'inherit']
		});
	const first = launch();
	await new Promise((resolve) => first.stdout.once('data', resolve));
	first.kill('SIGTERM');
	return text(launch().stdout);
}

/** OpenAI's client on a server that needs no key. */
export function openAi(url: string, fetch?: typeof globalThis.fetch): OpenAI {
	return new OpenAI({
		baseURL: `${url}/v1`,
		apiKey: 'none',
		maxRetries: 0,
		...(fetch && { fetch })
	});
}
