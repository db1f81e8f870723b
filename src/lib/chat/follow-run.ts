import type { Numbered } from '#lib/protocol/events.ts';
import { BackOff } from './back-off.ts';
import { Connection } from './connection.ts';
import { Cursor } from './cursor.ts';
import {
	type Listening,
	type Question,
	Refused,
	type RunServer,
	Unreachable,
	willPass
} from './server.ts';
import { actual, type Surroundings } from './surroundings.ts';

/** The log cannot be read on without a hole: load the conversation anew. */
export class RunLost extends Error {}

/** A run that is to begin, or one that is known and was read up to event `after`. */
export type RunFrom = { question: Question; key: string } | { runId: string; after: number };

export interface FollowOptions {
	/** Ends the following, never the run. */
	signal: AbortSignal;
	/** The connection is lost and will be made anew; the next batch says that it is back. */
	onlost?: (() => void) | undefined;
	/** How often the server says something at least, in milliseconds. */
	keepAliveMs?: number | undefined;
	surroundings?: Surroundings | undefined;
}

// a question that never arrives is given back after about half a minute; a run is never given up
const START_TRIES = 6;

/**
 * Follows a run to its end through cuts of the network, restarts of the server and sleep.
 *
 * Every event comes exactly once and in order; an empty batch says only that the connection lives.
 * A start that was cut before its first event is sent again with the same key, so it is the same
 * run. A run that waits for a person is followed on. Ends after the terminal event, and when the signal
 * aborts.
 *
 * @throws {RunLost} when the server cannot tell the rest without a hole
 * @throws {Refused} when the server does not take the question, or does not know the run
 * @throws {Unreachable} when a question could not be brought to the server
 */
export async function* followRun(
	server: RunServer,
	from: RunFrom,
	{ signal, onlost, keepAliveMs = 15_000, surroundings = actual }: FollowOptions
): AsyncGenerator<Numbered[]> {
	const backOff = new BackOff(surroundings);
	const cursor = 'runId' in from ? new Cursor(from.runId, from.after) : new Cursor(undefined, 0);

	while (!isAborted(signal)) {
		const connection = new Connection(2.5 * keepAliveMs, surroundings, signal);
		let cut: Error = new Unreachable('The connection ended before the answer did.');
		try {
			for await (const batch of connect(server, from, cursor, connection.signal, backOff)) {
				connection.heard();
				const fresh = cursor.take(batch);
				if (fresh.length > 0) backOff.reset();
				yield fresh;
				if (cursor.over) return;
				if (!cursor.misses(batch)) continue;
				if (cursor.missesAgain()) throw new RunLost('Events of this answer are missing.');
				break;
			}
		} catch (cause) {
			if (isAborted(signal)) return;
			cut = asCut(cause, connection.signal);
		} finally {
			connection.drop();
		}
		if (cursor.runId === undefined && backOff.tries + 1 >= START_TRIES) throw cut;
		if (isAborted(signal)) return;
		onlost?.();
		await backOff.wait(signal);
	}
}

/** The stream of the run from the cursor on, or of the run that is to begin. */
async function* connect(
	server: RunServer,
	from: RunFrom,
	cursor: Cursor,
	signal: AbortSignal,
	backOff: BackOff
): AsyncGenerator<Numbered[]> {
	const listening: Listening = {
		signal,
		onretry: (milliseconds) => {
			backOff.base = milliseconds;
		}
	};
	if (cursor.runId === undefined && 'question' in from) {
		yield* await server.start(from.question, from.key, listening);
		return;
	}
	const stream = await server.follow(cursor.runId ?? '', cursor.after, listening);
	if (!stream) throw new RunLost('The answer is over, and its end was not among its events.');
	yield* stream;
}

/** The cause as a cut that is worth another connection; throws it on when it is none. */
function asCut(cause: unknown, connection: AbortSignal): Error {
	if (willPass(cause)) return cause as Error;
	// whatever a stream throws when it was dropped, it was dropped
	if (connection.aborted) return new Unreachable('The connection was dropped.', { cause });
	if (cause instanceof Refused && cause.code === 'bad-cursor') {
		throw new RunLost('The server has less of this answer than was read.', { cause });
	}
	throw cause;
}

/** A signal aborts while others work, which narrowing by type does not see. */
function isAborted(signal: AbortSignal): boolean {
	return signal.aborted;
}
