import type { ServerResponse } from 'node:http';
import { offsetAfter, type Body } from './body.ts';
import type { Reply } from './reply.ts';

const TICK_MS = 5;

/**
 * Sends bodies at their rate. One timer serves all of them, and each tick writes what is due of a
 * stream as one slice of its bytes, so that a thousand streams cost little.
 */
export class Pacer {
	readonly #streams = new Set<Stream>();
	#timer: NodeJS.Timeout | undefined;

	send(response: ServerResponse, body: Body, reply: Reply): void {
		const stream = new Stream(response, body, reply);
		if (stream.advance(performance.now())) return;
		this.#streams.add(stream);
		this.#timer ??= setInterval(() => {
			this.#tick();
		}, TICK_MS);
	}

	stop(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
		this.#streams.clear();
	}

	#tick(): void {
		const now = performance.now();
		for (const stream of this.#streams) if (stream.advance(now)) this.#streams.delete(stream);
		if (this.#streams.size === 0) this.stop();
	}
}

/** One answer on its way out. */
class Stream {
	readonly #response: ServerResponse;
	readonly #body: Body;
	readonly #reply: Reply;
	/** Where the fault strikes, if one does. */
	readonly #stop: number;
	readonly #start = performance.now();
	#frame = 0;
	#sent = 0;

	constructor(response: ServerResponse, body: Body, reply: Reply) {
		this.#response = response;
		this.#reply = reply;
		const { fault } = reply;
		this.#body = fault?.type === 'insert' ? inserted(body, fault.after, fault.bytes) : body;
		const strikes = fault && 'after' in fault && fault.type !== 'insert';
		this.#stop = strikes ? offsetAfter(body, fault.after ?? 0) : Infinity;
	}

	/** Writes what is due; true when there is nothing more to do. */
	advance(now: number): boolean {
		if (this.#response.destroyed) return true;
		const due = Math.min(this.#due(now), this.#stop);
		if (due > this.#sent) {
			this.#write(this.#body.bytes.subarray(this.#sent, due));
			this.#sent = due;
		}
		if (due === this.#stop) return this.#strike();
		if (due < this.#body.bytes.length) return false;
		this.#response.end();
		return true;
	}

	#due(now: number): number {
		const { ends, tokens, bytes } = this.#body;
		const { rate } = this.#reply;
		if (rate === undefined) return bytes.length;
		const allowed = Math.floor(((now - this.#start) * rate) / 1000) + 1;
		while (this.#frame < ends.length && (tokens[this.#frame] ?? 0) <= allowed) this.#frame += 1;
		return this.#frame === 0 ? 0 : (ends[this.#frame - 1] ?? 0);
	}

	#write(bytes: Buffer): void {
		const { pieces } = this.#reply;
		if (pieces === undefined) {
			this.#response.write(bytes);
			return;
		}
		for (let from = 0; from < bytes.length; from += pieces) {
			this.#response.write(bytes.subarray(from, from + pieces));
		}
	}

	#strike(): boolean {
		const { fault } = this.#reply;
		switch (fault?.type) {
			case 'reset':
				// what was written must have been read first, or the reset may overtake it
				setTimeout(() => this.#response.socket?.resetAndDestroy(), 50);
				return true;
			case 'flood':
				this.#flood();
				return true;
			case 'hang':
				if (fault.comments) this.#response.write(': still here\n\n');
				return !fault.comments;
			default:
				this.#response.end();
				return true;
		}
	}

	#flood(): void {
		const piece = Buffer.alloc(64 * 1024, 'x');
		this.#response.write('data: ');
		const more = () => {
			while (!this.#response.destroyed && this.#response.write(piece));
		};
		this.#response.on('drain', more);
		more();
	}
}

function inserted(body: Body, after: number, bytes: string): Body {
	const at = offsetAfter(body, after);
	const extra = Buffer.from(bytes);
	return {
		tokens: body.tokens,
		ends: body.ends.map((end) => (end >= at ? end + extra.length : end)),
		bytes: Buffer.concat([body.bytes.subarray(0, at), extra, body.bytes.subarray(at)])
	};
}
