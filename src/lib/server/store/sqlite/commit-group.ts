import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseSync } from 'node:sqlite';

/** What came of one write. */
export interface Outcome {
	value?: unknown;
	error?: string;
}

/** SQLite's BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN and PROTOCOL. */
const PASSING = new Set([5, 6, 7, 8, 10, 13, 14, 15]);
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;

/**
 * Commits writes in one transaction. A lock, or a disk that fails or is full, is waited out, however
 * long it takes; any other failure is left to the write it belongs to, and the others are committed.
 */
export async function commitGroup(
	raw: DatabaseSync,
	writes: (() => unknown)[]
): Promise<Outcome[]> {
	let failing = false;
	for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
		try {
			const outcomes = await commit(raw, writes);
			if (failing) console.error('The database can be written again. Nothing was lost.');
			return outcomes;
		} catch (cause) {
			if (!isPassing(cause)) return oneByOne(raw, writes, cause);
			if (!failing) {
				const why = (cause as Error).message;
				console.error(`The database cannot be written (${why}). Answers wait until it can.`);
			}
			failing = true;
		}
		await sleep(wait);
	}
}

async function commit(raw: DatabaseSync, writes: (() => unknown)[]): Promise<Outcome[]> {
	try {
		raw.exec('begin immediate');
		const outcomes: Outcome[] = [];
		for (const write of writes) outcomes.push({ value: await write() });
		raw.exec('commit');
		return outcomes;
	} catch (cause) {
		// SQLite has rolled back by itself after some failures
		if (raw.isTransaction) raw.exec('rollback');
		throw cause;
	}
}

async function oneByOne(
	raw: DatabaseSync,
	writes: (() => unknown)[],
	cause: unknown
): Promise<Outcome[]> {
	if (writes.length === 1)
		return [{ error: cause instanceof Error ? cause.message : String(cause) }];
	const outcomes: Outcome[] = [];
	for (const write of writes) outcomes.push(...(await commitGroup(raw, [write])));
	return outcomes;
}

function isPassing(cause: unknown): boolean {
	const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) : 0;
	return PASSING.has(code & 0xff);
}
