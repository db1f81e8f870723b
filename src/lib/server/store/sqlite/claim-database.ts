import { DatabaseSync } from 'node:sqlite';
import { pathOf } from './open-database.ts';

/** @see https://sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;
/** What a server that is about to end is waited for, in milliseconds. */
const WAIT_MS = 5000;

/**
 * Makes this process the one server of a database, until it releases it or ends, however it ends:
 * a second one would close the runs of the first.
 *
 * @returns what releases it
 * @throws {Error} when another process serves it
 */
export function claimDatabase(url: string, waitMs = WAIT_MS): () => void {
	if (url === ':memory:') return () => undefined;
	// SQLite locks a file by the means of each system, and the system lets go for a process that died
	const claim = new DatabaseSync(`${pathOf(url)}-server`, { timeout: waitMs });
	try {
		claim.exec('begin exclusive');
	} catch (cause) {
		claim.close();
		if ((cause as { errcode?: number }).errcode !== SQLITE_BUSY) throw cause;
		throw new Error(
			`Another process serves the database ${url}. End that one first, or choose another file with DATABASE_URL.`,
			{ cause }
		);
	}
	return () => {
		claim.close();
	};
}
