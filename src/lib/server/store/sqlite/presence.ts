/** Which processes are at a database: locks on files beside it, which the system lets go for a process that died. */
import { DatabaseSync } from 'node:sqlite';
import { pathOf } from './open-database.ts';

/** @see https://sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;
/** What a process that is about to end is waited for, in milliseconds. */
const WAIT_MS = 5000;

/** Lets go of what was taken; more than once does no harm. */
export type Release = () => void;

/**
 * Makes this process the one server of a database, until it releases it or ends, however it ends:
 * a second one would close the runs of the first.
 *
 * @throws {Error} when another process serves it
 */
export function claimDatabase(url: string, waitMs = WAIT_MS): Release {
	const release = lock(url, 'server', 'exclusive', waitMs);
	if (release) return release;
	throw new Error(
		`Another process serves the database ${url}. End that one first, or choose another file with DATABASE_URL.`
	);
}

/**
 * Says that this process answers a run, though it is not the server; any number may. Waits while a
 * process closes the runs of those that are gone.
 */
export function joinDatabase(url: string): Release {
	const release = lock(url, 'guests', 'shared', WAIT_MS);
	if (release) return release;
	throw new Error(`The database ${url} is being tidied up by another process. Ask again.`);
}

/** Keeps everybody from joining; undefined when somebody has joined, whose runs are alive. */
export function keepOut(url: string): Release | undefined {
	return lock(url, 'guests', 'exclusive', 0);
}

/** Keeps out servers as well; undefined when there is one, or somebody has joined. */
export function haveAlone(url: string): Release | undefined {
	const server = lock(url, 'server', 'exclusive', 0);
	const guests = server && keepOut(url);
	if (!guests) {
		server?.();
		return undefined;
	}
	return () => {
		guests();
		server();
	};
}

/** The lock, or undefined when another process has one that it cannot stand beside. */
function lock(
	url: string,
	who: 'server' | 'guests',
	how: 'exclusive' | 'shared',
	waitMs: number
): Release | undefined {
	if (url === ':memory:') return () => undefined;
	const file = new DatabaseSync(`${pathOf(url)}-${who}`, { timeout: waitMs });
	try {
		// SQLite locks a file by the means of each system; a transaction shares it from its first read on
		if (how === 'exclusive') file.exec('begin exclusive');
		else file.exec('begin; select 1 from sqlite_schema');
	} catch (cause) {
		file.close();
		if ((cause as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
		throw cause;
	}
	return () => {
		if (file.isOpen) file.close();
	};
}
