import { WebSocket } from 'ws';
import { WIRES } from '#lib/wire/wires.ts';
import { type Shown, shown } from './readers.ts';

/** What came of a question: the run, and what its own answer showed to whoever asked. */
export interface Asked extends Shown {
	runId: string;
}

/** Asks a question by one route, and reads the answer on that route's own wire to its end. */
type Way = (server: string, question: string, headers: Record<string, string>) => Promise<Asked>;

/** The model that OpenAI's clients name. */
export const MODEL = 'gpt-test';

const JSON_HEADERS = { 'content-type': 'application/json' };

/** Every way to ask that there is: the routes as docs/wires.md names them, and what is sent. */
export const WAYS: [route: string, how: string, way: Way][] = [
	...Object.keys(WIRES).map((wire): [string, string, Way] => [
		'POST /api/runs',
		`on ${wire}`,
		posted(`/api/runs?wire=${wire}`, wire, (text) => ({ text }))
	]),
	['GET /api/agent/stream', 'by EventSource', got('/api/agent/stream?input=', 'text')],
	[
		'POST /api/agent/stream',
		'with an input',
		posted('/api/agent/stream', 'text', (input) => ({ input }))
	],
	['POST /api/agent/stream', 'by useChat', posted('/api/agent/stream', 'ui-message', chat)],
	['GET /api/chat/stream', 'by EventSource', got('/api/chat/stream?message=', 'delta')],
	['POST /api/chat/stream', 'by fetch', posted('/api/chat/stream', 'delta', message)],
	[
		'POST /api/{userId}/chat/stream',
		'with a token',
		posted('/api/ada/chat/stream', 'typed', message)
	],
	['POST /api/{userId}/chat', 'with a token', userChat],
	['POST /chat', 'by fetch', posted('/chat', 'steps', message)],
	['POST /api/chat', 'by useChat', posted('/api/chat', 'ui-message', chat)],
	[
		'POST /api/chatkit',
		'in a new thread',
		posted('/api/chatkit', 'chatkit', (text) => ({
			type: 'threads.create',
			params: { input: { content: [{ type: 'input_text', text }] } }
		}))
	],
	[
		'POST /api/ag-ui',
		'in a new thread',
		posted('/api/ag-ui', 'ag-ui', (content) => ({
			...{ threadId: crypto.randomUUID(), runId: crypto.randomUUID() },
			messages: [{ id: 'question', role: 'user', content }]
		}))
	],
	['GET /api/ws', 'by ws', socket],
	[
		'POST /v1/chat/completions',
		'streamed',
		posted('/v1/chat/completions', 'openai', (text) => ({ ...completion(text), stream: true }))
	],
	['POST /v1/chat/completions', 'at once', openAi('/v1/chat/completions', completion)],
	[
		'POST /v1/responses',
		'streamed',
		posted('/v1/responses', 'openai-responses', (text) => ({ ...response(text), stream: true }))
	],
	['POST /v1/responses', 'at once', openAi('/v1/responses', response)]
];

function message(text: string) {
	return { message: text };
}

function chat(text: string) {
	const question = { id: 'question', role: 'user', parts: [{ type: 'text', text }] };
	return { id: crypto.randomUUID(), messages: [question] };
}

function completion(content: string) {
	return { model: MODEL, messages: [{ role: 'user', content }] };
}

function response(input: string) {
	return { model: MODEL, input };
}

function posted(path: string, wire: string, body: (text: string) => object): Way {
	return async (server, question, headers) =>
		streamed(wire, await post(server + path, body(question), headers));
}

function got(path: string, wire: string): Way {
	return async (server, question, headers) => {
		const accept = { ...headers, accept: 'text/event-stream' };
		const url = server + path + encodeURIComponent(question);
		return streamed(wire, await fetch(url, { headers: accept }));
	};
}

async function streamed(wire: string, response: Response): Promise<Asked> {
	if (!response.ok) throw new Error(`${String(response.status)} ${await response.text()}`);
	const runId = response.headers.get('x-run-id') ?? '';
	return { runId, ...(await shown(wire, await response.text())) };
}

async function userChat(...[server, question, headers]: Parameters<Way>): Promise<Asked> {
	const answer = await post(`${server}/api/ada/chat`, message(question), headers);
	const { run_id: runId, response: text } = (await answer.json()) as {
		run_id: string;
		response?: string;
	};
	return { runId, text: text ?? '', failed: answer.status === 502 };
}

function openAi(path: string, body: (text: string) => object): Way {
	return async (server, question, headers) => {
		const answer = await post(server + path, body(question), headers);
		const runId = answer.headers.get('x-run-id') ?? '';
		const said = (await answer.json()) as {
			choices?: { message: { content: string } }[];
			output?: { content?: { text: string }[] }[];
		};
		const contents = said.output?.flatMap(({ content = [] }) => content) ?? [];
		const text = said.choices?.[0]?.message.content ?? contents.map(({ text }) => text).join('');
		return { runId, text, failed: !answer.ok };
	};
}

function socket(...[server, question, headers]: Parameters<Way>): Promise<Asked> {
	const webSocket = new WebSocket(`${server.replace('http', 'ws')}/api/ws`, { headers });
	const asked: Asked = { runId: '', text: '', failed: false };
	return new Promise((resolve, reject) => {
		webSocket.on('error', reject);
		webSocket.on('close', () => {
			resolve(asked);
		});
		webSocket.on('open', () => {
			webSocket.send(JSON.stringify(message(question)));
		});
		webSocket.on('message', (data: Buffer) => {
			const [[name, said]] = Object.entries(JSON.parse(data.toString()) as object) as [
				[string, { metadata: { run_id: string }; content?: string }]
			];
			asked.runId = said.metadata.run_id;
			asked.text += said.content ?? '';
			asked.failed = name === 'AgentFailed';
			if (/^Agent(Completed|Failed)$/.test(name)) webSocket.close();
		});
	});
}

function post(url: string, body: object, headers: Record<string, string>): Promise<Response> {
	const all = { ...JSON_HEADERS, ...headers };
	return fetch(url, { method: 'POST', headers: all, body: JSON.stringify(body) });
}
