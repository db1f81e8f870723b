import { Agent, request, type IncomingMessage } from 'node:http';
import type { Dialect, Fields } from './dialects.ts';

const agent = new Agent({ keepAlive: true });

/** Closes the connections: one that is idle too long is closed by its server just when it is used. */
export function hangUp(): void {
	agent.destroy();
}

/** One answer as a client saw it. Times are milliseconds. */
export interface Seen {
	/** From the question to the first text. */
	first: number;
	/** From the first text to the last. */
	lasted: number;
	/** Between one arrival of text and the next. */
	gaps: number[];
	/** What was wrong with it; empty when it came whole, in order and to its end. */
	faults: string[];
}

/** Asks once and reads the answer to its end, holding it against the text that is expected. */
export async function readAnswer(url: string, dialect: Dialect, expected: string): Promise<Seen> {
	const begin = performance.now();
	const reading = new Reading(dialect, begin);
	try {
		const incoming = await ask(`${url}${dialect.path}`, JSON.stringify(dialect.body));
		if (incoming.statusCode !== 200) reading.faults.push(`status ${String(incoming.statusCode)}`);
		incoming.setEncoding('utf8');
		await new Promise<void>((resolve, reject) => {
			incoming.on('data', (piece: string) => {
				reading.take(piece);
			});
			incoming.on('end', resolve);
			incoming.on('error', reject);
		});
	} catch (cause) {
		reading.faults.push(String(cause));
	}
	if (reading.text !== expected) reading.faults.push('another text');
	if (!reading.over) reading.faults.push('no end');
	return reading.seen();
}

class Reading {
	text = '';
	over = false;
	readonly faults: string[] = [];
	readonly #dialect: Dialect;
	readonly #begin: number;
	readonly #gaps: number[] = [];
	#rest = '';
	#first: number | undefined;
	#last = 0;
	#seq = 0;

	constructor(dialect: Dialect, begin: number) {
		this.#dialect = dialect;
		this.#begin = begin;
	}

	take(piece: string): void {
		const blocks = (this.#rest + piece).split('\n\n');
		this.#rest = blocks.pop() ?? '';
		const before = this.text.length;
		for (const block of blocks) this.#block(block);
		if (this.text.length === before) return;

		const now = performance.now();
		if (this.#first === undefined) this.#first = now;
		else this.#gaps.push(now - this.#last);
		this.#last = now;
	}

	seen(): Seen {
		const first = this.#first ?? this.#begin;
		const { faults } = this;
		return { first: first - this.#begin, lasted: this.#last - first, gaps: this.#gaps, faults };
	}

	#block(block: string): void {
		const at = block.indexOf('data: {');
		if (at === -1) return;
		const end = block.indexOf('\n', at);
		const event = JSON.parse(block.slice(at + 6, end === -1 ? undefined : end)) as Fields;
		this.text += this.#dialect.delta(event) ?? '';
		this.over ||= this.#dialect.last(event);
		if (!this.#dialect.numbered) return;
		this.#seq += 1;
		if (event.seq !== this.#seq) this.faults.push(`seq ${String(event.seq)}`);
	}
}

function ask(url: string, body: string): Promise<IncomingMessage> {
	const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
	return new Promise((resolve, reject) => {
		request(url, { method: 'POST', agent, headers }, resolve).on('error', reject).end(body);
	});
}
