import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { guardUpgrade, type Gate } from '#lib/server/http/guard.ts';
import type { Listener, Listeners } from '#lib/server/http/listeners.ts';
import { Refusal, refusalResponse } from '#lib/server/http/refuse.ts';
import type { Identity } from '#lib/server/http/whose.ts';
import { Talk, type TalkRuns } from './talk.ts';

const MAX_MESSAGE = 1_000_000;
const PING_MS = 30_000;
/** How long the other side may take to say goodbye, in milliseconds. */
const CLOSE_MS = 3000;

export interface SocketsOptions {
	runs: TalkRuns;
	listeners: Listeners;
	gate: Gate;
	/** Tells whose an upgrade is. */
	identify: (headers: Headers) => Promise<Identity>;
	/** How often sockets are asked whether they live, in milliseconds. */
	pingMs?: number;
}

/** The WebSockets of `/api/ws`: lets them in as any request that changes something, and keeps watch. */
export class Sockets {
	readonly #options: SocketsOptions;
	readonly #server = new WebSocketServer(SETTINGS);
	readonly #talks = new Set<Talk>();
	readonly #beat: NodeJS.Timeout;

	constructor(options: SocketsOptions) {
		this.#options = options;
		this.#beat = setInterval(() => {
			for (const talk of this.#talks) talk.beat();
		}, options.pingMs ?? PING_MS).unref();
	}

	/** Takes an upgrade over from Node's HTTP server. */
	upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
		const ignore = () => undefined; // a client that hangs up now is no news
		socket.on('error', ignore);
		try {
			const identity = await this.#letIn(request);
			socket.off('error', ignore);
			this.#server.handleUpgrade(request, socket, head, (webSocket) => {
				this.#welcome(webSocket, socket, identity);
			});
		} catch (cause) {
			if (!(cause instanceof Refusal)) console.error('An upgrade failed.', cause);
			await refuse(
				socket,
				cause instanceof Refusal ? cause : new Refusal(500, 'internal', 'The server failed.')
			);
		}
	};

	/** Lets everybody go, to come again. */
	close(): void {
		clearInterval(this.#beat);
		for (const { webSocket } of this.#talks) webSocket.close(1012, 'The server is restarting.');
	}

	#welcome(webSocket: WebSocket, stream: Duplex, identity: Identity): void {
		const { runs, listeners } = this.#options;
		let listener: Listener;
		try {
			listener = listeners.admit(identity);
		} catch (cause) {
			// a page can read this, and not with which status an upgrade was refused
			webSocket.on('error', () => undefined);
			webSocket.close(1013, (cause as Error).message);
			stream.end(() => stream.destroy());
			return;
		}
		const { expired } = listener;
		const talk = new Talk({ webSocket, stream, owner: identity.owner, runs, expired });
		this.#talks.add(talk);
		webSocket.once('close', () => {
			listener.leave();
			this.#talks.delete(talk);
		});
	}

	#letIn({ url = '', headers: raw }: IncomingMessage): Promise<Identity> {
		if (url.split('?', 1)[0] !== '/api/ws') {
			throw new Refusal(404, 'unknown-route', 'There is nothing at this address.');
		}
		const headers = new Headers();
		for (const [name, value] of Object.entries(raw)) {
			if (value !== undefined) headers.set(name, String(value));
		}
		guardUpgrade(headers, this.#options.gate);
		return this.#options.identify(headers);
	}
}

/** Says why it closes, where the library has a number alone. */
class ExplainingSocket extends WebSocket {
	static readonly #reasons: Record<number, string> = {
		1002: 'That is not a WebSocket frame.',
		1007: 'Text must be valid UTF-8.',
		1008: 'Too many fragments.',
		1009: 'A message may have at most 1 MB.'
	};

	override close(code?: number, reason?: string | Buffer): void {
		super.close(code, reason ?? ExplainingSocket.#reasons[code ?? 0]);
	}
}

// the library takes `closeTimeout`, its types do not know it
const SETTINGS = {
	noServer: true,
	maxPayload: MAX_MESSAGE,
	perMessageDeflate: false,
	autoPong: false, // a Talk answers, unless the other side reads nothing
	closeTimeout: CLOSE_MS,
	WebSocket: ExplainingSocket
};

/** Answers an upgrade as a route would answer a request. */
async function refuse(socket: Duplex, refusal: Refusal): Promise<void> {
	const response = refusalResponse(refusal);
	const body = await response.text();
	const headers = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
	const status = `HTTP/1.1 ${String(refusal.status)} Refused\r\n`;
	socket.end(`${status}${headers}connection: close\r\n\r\n${body}`);
}
