import type { Append, Store } from '../store.ts';
import type { Outcome } from './commit-group.ts';
import { DatabaseThread } from './database-thread.ts';
import type { Call, Reads, Writes } from './jobs.ts';
import { pack } from './packed.ts';
import { WriteQueue } from './write-queue.ts';

/** What a write may take before the store counts as out of order. */
const CHECK_MS = 1000;

/**
 * A store in one SQLite database, `file:PATH` or `:memory:`. Folders are made, tables are brought up
 * to date. Rejects when the file cannot be opened.
 *
 * @param ondeath is told when the thread that writes died, before anybody who waits for a write.
 * Nobody can tell then what is on disk, but the next start: so the process MUST end. Without it, it
 * ends by the error.
 */
export async function openSqliteStore(url: string, ondeath = fail): Promise<Store> {
	const writer = new DatabaseThread({ url, role: 'writer' }, ondeath);
	// a second connection reads on while the first waits for a lock or a slow disk; it opens at the first read
	const reader =
		url === ':memory:' ? writer : new DatabaseThread({ url, role: 'reader' }, startAgain);
	try {
		await writer.ask({ type: 'open' });
	} catch (cause) {
		await writer.close();
		throw new Error(`The database ${url} cannot be opened.`, { cause });
	}
	return sqliteStore(writer, reader);
}

function fail(death: Error): void {
	throw death;
}

function startAgain(death: Error): void {
	console.error('What was being looked up failed; the next look starts the thread again.', death);
}

type Result<T extends (...values: never[]) => unknown> = Awaited<ReturnType<T>>;

function sqliteStore(writer: DatabaseThread, reader: DatabaseThread): Store {
	const queue = new WriteQueue<Call<Writes>>(async (calls) => {
		const json = await writer.ask({ type: 'write', calls });
		return JSON.parse(json ?? '[]') as Outcome[];
	});
	let closed: Promise<void> | undefined;

	function write<Name extends keyof Writes>(
		name: Name,
		...values: Parameters<Writes[Name]>
	): Promise<Result<Writes[Name]>> {
		if (closed) return Promise.reject(new Error('The store is closed.'));
		const call = [name, ...values] as unknown as Call<Writes>;
		return queue.add(call) as Promise<Result<Writes[Name]>>;
	}

	async function read<Name extends keyof Reads>(
		name: Name,
		...values: Parameters<Reads[Name]>
	): Promise<Result<Reads[Name]>> {
		const call = [name, ...values] as unknown as Call<Reads>;
		const json = await reader.ask({ type: 'read', call });
		return (json && JSON.parse(json)) as Result<Reads[Name]>;
	}

	return {
		startRun: (draft) => write('startRun', draft),
		append,
		claimRun: (runId, epoch) => write('claimRun', runId, epoch),
		answerApproval: (answer) => write('answerApproval', answer),
		resumeRun: (runId, epoch) => write('resumeRun', runId, epoch),
		renameConversation: (owner, id, title) => write('renameConversation', owner, id, title),
		deleteConversation: (owner, id) => write('deleteConversation', owner, id),
		events: (runId, after, limit) => read('events', runId, after, limit),
		setbacks: (runId) => read('setbacks', runId),
		run: (runId) => read('run', runId),
		openRuns: () => read('openRuns'),
		pause: (runId) => read('pause', runId),
		conversations: (owner, limit, before) => read('conversations', owner, limit, before),
		conversation: (owner, id) => read('conversation', owner, id),
		check: () => within(CHECK_MS, write('pulse', Date.now())),
		close: () => (closed ??= close())
	};

	// not an async function: it would settle later than writes that were asked for after it
	function append(batch: Append[]): Promise<{ lost: string[] }> {
		try {
			return write('append', pack(batch));
		} catch (cause) {
			return Promise.reject(new Error('These events cannot be appended.', { cause }));
		}
	}

	async function close(): Promise<void> {
		await queue.drained();
		if (reader !== writer) await reader.close();
		await writer.close();
	}
}

function within(milliseconds: number, work: Promise<void>): Promise<void> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => {
			reject(new Error('The database did not take a write in time.'));
		}, milliseconds);
		work.then(resolve, reject).finally(() => {
			clearTimeout(timer);
		});
	});
}
