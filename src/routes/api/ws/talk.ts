import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import { badCursor, ConversationId } from '#lib/server/http/queries.ts';
import { parse, Text } from '#lib/server/http/read-body.ts';
import { Refusal } from '#lib/server/http/refuse.ts';
import type { Runs } from '#lib/server/runs/runs.ts';
import { lastWord } from '#lib/wire/failure.ts';
import { SocketWire } from '#lib/wire/web-socket.ts';
import { withoutVoid } from '#lib/wire/without-void.ts';
import { refusalFor } from '../../start-run.ts';

/** As much of the runs as a socket needs. */
export type TalkRuns = Pick<Runs, 'cast' | 'start' | 'find' | 'follow' | 'setbacks' | 'stop'>;

/** A socket with more than this unsent, in bytes, is told no more until all of it has left. */
const MAX_UNSENT = 1_000_000;
const MAX_MISTAKES = 20;
/** Pings without an answer after which nobody is there, or nobody reads. */
const MAX_MISSED = 2;

const Question = z.object({ message: Text, conversation_id: ConversationId.optional() });
const Resume = z.object({
	resume: z.object({ run_id: z.string().max(64), after: z.int().min(0) })
});
const Stop = z.object({ stop: z.literal(true) });

export interface TalkOptions {
	webSocket: WebSocket;
	/** The connection that the socket speaks through. */
	stream: Duplex;
	owner: string;
	runs: TalkRuns;
	/** Aborts when the token that the socket was opened with expires. */
	expired: AbortSignal;
}

/** One WebSocket: what its client asks, and the one run that it is told about. */
export class Talk {
	readonly webSocket: WebSocket;
	readonly #stream: Duplex;
	readonly #owner: string;
	readonly #runs: TalkRuns;
	readonly #leaving = new AbortController();
	/** The run that this socket asked for last. */
	#runId: Promise<string> | undefined;
	/** The one that it has stopped. */
	#stopped: Promise<string> | undefined;
	#busy = false;
	#mistakes = 0;
	#missed = 0;

	constructor(options: TalkOptions) {
		const { webSocket, expired } = options;
		this.webSocket = webSocket;
		this.#stream = options.stream;
		this.#owner = options.owner;
		this.#runs = options.runs;
		webSocket.on('message', (data, isBinary) => void this.#hear(data, isBinary));
		webSocket.on('ping', (data: Buffer) => {
			if (webSocket.bufferedAmount < MAX_UNSENT) webSocket.pong(data);
		});
		webSocket.on('pong', () => (this.#missed = 0));
		webSocket.on('error', () => undefined); // it closes by itself, and says why
		webSocket.once('close', () => {
			this.#leaving.abort();
		});
		expired.addEventListener('abort', () => {
			this.#leaving.abort(); // the run goes on
			webSocket.close(4401, 'The token has expired. Come again with a new one.');
		});
	}

	/** Asks whether the other side still reads, and lets it go when it has not for two beats. */
	beat(): void {
		if (this.#missed++ >= MAX_MISSED) this.webSocket.terminate();
		else this.webSocket.ping();
	}

	async #hear(data: RawData, isBinary: boolean): Promise<void> {
		if (this.webSocket.readyState !== this.webSocket.OPEN) return; // it is about to close
		if (isBinary) {
			this.webSocket.close(1008, 'Send JSON as text.');
			return;
		}
		try {
			// text comes as one buffer, unless the library is told otherwise
			await this.#obey((data as Buffer).toString());
		} catch (cause) {
			this.#explain(cause);
		}
	}

	async #obey(text: string): Promise<void> {
		const asked = read(text);
		if ('stop' in asked) {
			parse(Stop, asked);
			await this.#stop();
			return;
		}
		if (!('message' in asked) && !('resume' in asked)) {
			throw new Refusal(
				422,
				'invalid',
				'Send {"message": "..."}, {"stop": true} or {"resume": {"run_id": "...", "after": 0}}.'
			);
		}
		if (this.#busy) {
			throw new Refusal(
				409,
				'socket-busy',
				'This socket is being told about a run. Wait for its end, stop it, or open another.'
			);
		}

		this.#busy = true;
		try {
			if ('message' in asked) await this.#ask(asked);
			else await this.#resume(asked);
		} finally {
			this.#busy = false;
		}
	}

	async #ask(asked: object): Promise<void> {
		const { message: text, conversation_id: conversationId } = parse(Question, asked);
		this.#runId = this.#start({ text, conversationId });
		try {
			await this.#tell(await this.#runId, 0);
		} catch (cause) {
			this.#runId = undefined;
			throw cause;
		}
	}

	async #start(ask: { text: string; conversationId: string | undefined }): Promise<string> {
		const started = await this.#runs.start(this.#owner, ask);
		if ('refused' in started) throw refusalFor(started.refused, this.#runs.cast);
		return started.runId;
	}

	/** Of a thousand stops at once, one is obeyed. */
	async #stop(): Promise<void> {
		if (this.#stopped === this.#runId) return;
		this.#stopped = this.#runId;
		const runId = await this.#runId;
		if (runId !== undefined) await this.#runs.stop(runId);
	}

	async #resume(asked: object): Promise<void> {
		const { run_id, after } = parse(Resume, asked).resume;
		const view = await this.#runs.find(this.#owner, run_id);
		if (!view) throw new Refusal(404, 'unknown-run', 'There is no such run.');
		if (after > view.lastSeq) throw badCursor();
		this.#runId = Promise.resolve(run_id);
		await this.#tell(run_id, after);
	}

	/** Follows a run to its end, no faster than the other side reads. */
	async #tell(runId: string, after: number): Promise<void> {
		const wire = new SocketWire(runId);
		// from its first event on, because the wire counts
		const batches = this.#runs.follow(runId, 0, this.#leaving.signal);
		const setbacks = await this.#runs.setbacks(runId);
		for await (const batch of withoutVoid(batches, setbacks, after)) {
			const messages: string[] = [];
			let over = false;
			for (const event of batch) {
				const said = wire.say(event);
				if (event.seq <= after) continue;
				if (said) messages.push(JSON.stringify(said));
				over = lastWord(event);
				if (over) break;
			}
			await this.#send(messages);
			if (over) return;
		}
	}

	async #send(messages: string[]): Promise<void> {
		const last = messages.pop();
		if (last === undefined) return;
		const { promise: written, resolve } = Promise.withResolvers<undefined>();
		this.#stream.cork();
		for (const message of messages) this.webSocket.send(message);
		this.webSocket.send(last, () => {
			resolve(undefined);
		});
		this.#stream.uncork();
		// the callback comes in any case: with an error when the socket closes before
		if (this.webSocket.bufferedAmount > MAX_UNSENT) await written;
	}

	#explain(cause: unknown): void {
		if (!(cause instanceof Refusal)) console.error('A WebSocket failed.', cause);
		const { code, message } =
			cause instanceof Refusal ? cause : { code: 'internal', message: 'The server failed.' };
		this.webSocket.send(JSON.stringify({ Error: { code, message } }));
		if (++this.#mistakes >= MAX_MISTAKES) {
			this.webSocket.close(1008, 'Too many messages that make no sense.');
		}
	}
}

function read(text: string): object {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw new Refusal(400, 'bad-json', 'That is not valid JSON.');
	}
	if (typeof value === 'object' && value !== null) return value;
	throw new Refusal(422, 'invalid', 'Send a JSON object.');
}
