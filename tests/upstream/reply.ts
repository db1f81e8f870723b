import type { IncomingHttpHeaders } from 'node:http';

/** What the model does in one answer, in order. A text given as a list is sent in those pieces. */
export type Step =
	| { reasoning: string | string[] }
	| { text: string | string[]; sources?: { url: string; title: string }[] }
	| { refusal: string | string[] }
	| { call: { id?: string; name: string; args: unknown } };

/** One answer of the fake: what it says, how fast, and what goes wrong. */
export interface Reply {
	steps: Step[];
	/** Tokens a second; as fast as it goes when absent. */
	rate?: number;
	/** Milliseconds before the headers. */
	delay?: number;
	/** How it ends: `stop` unless told otherwise. `filter` is the provider's content filter. */
	end?: 'stop' | 'length' | 'filter' | 'failed' | 'error' | 'nothing';
	fault?: Fault;
	/** Write the body in pieces of this many bytes, cutting characters and lines anywhere. */
	pieces?: number;
	/** The field that Chat Completions servers use for reasoning. */
	reasoningField?: 'reasoning_content' | 'reasoning';
}

/** What goes wrong. `after` counts tokens that were sent before. */
export type Fault =
	| { type: 'status'; status: number; headers?: Record<string, string>; body?: unknown }
	/** Silence: before the headers, or with `after` in the middle; with `comments` they go on. */
	| { type: 'hang'; after?: number; comments?: boolean }
	/** The connection breaks. */
	| { type: 'reset'; after: number }
	/** The body ends as if that were all. */
	| { type: 'cut'; after: number }
	/** Bytes that do not belong there. */
	| { type: 'insert'; after: number; bytes: string }
	/** These bytes instead of an answer, as a stream. */
	| { type: 'raw'; bytes: string }
	/** A line without an end, sent as fast as it is taken. */
	| { type: 'flood'; after: number };

/** Tells what to answer. `number` counts the model calls of this server from 0. */
export type Script = (body: RequestBody, number: number) => Reply;

/** As much of a request as scripts look at; the rest is there too. */
export interface RequestBody {
	model?: string;
	stream?: boolean;
	stream_options?: { include_usage?: boolean };
	/** The conversation: `input` on Responses, `messages` on Chat Completions. */
	input?: unknown;
	messages?: unknown;
	tools?: unknown[];
	[field: string]: unknown;
}

/** What the fake saw of one request. */
export interface Recorded {
	method: string;
	path: string;
	headers: IncomingHttpHeaders;
	body: RequestBody;
	/** The client hung up before the answer was over. */
	closedEarly: boolean;
	/** How many bytes the connection had taken when it was over. */
	sent: number;
	/** Resolves when the answer is over or the client has hung up. */
	closed: Promise<void>;
}

/** The pieces in which a text is streamed: as given, or about four characters each. */
export function tokensOf(text: string | string[]): string[] {
	return typeof text === 'string' ? (text.match(/\s*\S{1,5}|\s+$/gu) ?? []) : text;
}

/** The whole of a text. */
export function whole(text: string | string[]): string {
	return typeof text === 'string' ? text : text.join('');
}

/** Arguments as the model would write them; a string stays as it is, JSON or not. */
export function argumentsOf(args: unknown): string {
	return typeof args === 'string' ? args : JSON.stringify(args);
}

/** How many tokens a reply takes; rough for the question, exact for the answer. */
export function countTokens(body: RequestBody, steps: Step[]): { input: number; output: number } {
	let output = 0;
	for (const step of steps) {
		if ('call' in step) output += tokensOf(argumentsOf(step.call.args)).length;
		else output += tokensOf(Object.values(step)[0] as string | string[]).length;
	}
	const asked = JSON.stringify(body.input ?? body.messages ?? '');
	return { input: Math.ceil(asked.length / 4), output };
}
