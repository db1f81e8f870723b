import { answerApproval, findPause, resumeRun } from '../sql/approvals.ts';
import {
	deleteConversation,
	findConversation,
	listConversations,
	renameConversation
} from '../sql/conversations.ts';
import { claimRun, findRun, findSetbacks, openRuns } from '../sql/runs.ts';
import { startRun } from '../sql/start-run.ts';
import { appender } from './append.ts';
import { commitGroup, type Outcome } from './commit-group.ts';
import type { Call, Reads, Writes } from './jobs.ts';
import { migrate, openDatabase } from './open-database.ts';
import { eventReader } from './read-events.ts';

/** A connection to the database. One call at a time: the next when the last one's promise is settled. */
export interface Connection {
	/** Commits the calls together, and tells what came of each. */
	write(calls: Call<Writes>[]): Promise<Outcome[]>;
	/** The answer as JSON, all of it as it was at one moment. */
	read(call: Call<Reads>): Promise<string | undefined>;
	close(): void;
}

/** Opens the database; a `writer` brings its tables up to date, a `reader` finds them so. */
export async function connect(url: string, role: 'writer' | 'reader'): Promise<Connection> {
	const database = openDatabase(url);
	const { raw, db } = database;
	if (role === 'writer') await migrate(database);

	const append = appender(database);
	const events = eventReader(raw);
	const pulse = raw.prepare('insert or replace into pulse (number, at) values (1, ?)');

	return {
		write: (calls) =>
			commitGroup(
				raw,
				calls.map((call) => () => write(call))
			),
		async read(call) {
			raw.exec('begin');
			try {
				return await read(call);
			} finally {
				raw.exec('commit');
			}
		},
		close() {
			raw.close();
		}
	};

	function write(call: Call<Writes>): unknown {
		switch (call[0]) {
			case 'startRun':
				return startRun(db, call[1]);
			case 'append':
				return append(call[1]);
			case 'claimRun':
				return claimRun(db, call[1], call[2]);
			case 'answerApproval':
				return answerApproval(db, call[1]);
			case 'resumeRun':
				return resumeRun(db, call[1], call[2]);
			case 'renameConversation':
				return renameConversation(db, call[1], call[2], call[3]);
			case 'deleteConversation':
				return deleteConversation(db, call[1], call[2]);
			case 'pulse':
				pulse.run(call[1]);
		}
	}

	async function read(call: Call<Reads>): Promise<string | undefined> {
		switch (call[0]) {
			case 'events':
				return events(call[1], call[2], call[3]);
			case 'setbacks':
				return JSON.stringify(await findSetbacks(db, call[1]));
			case 'run':
				return JSON.stringify(await findRun(db, call[1]));
			case 'openRuns':
				return JSON.stringify(await openRuns(db));
			case 'pause':
				return JSON.stringify(await findPause(db, call[1]));
			case 'conversations':
				return JSON.stringify(await listConversations(db, call[1], call[2], call[3]));
			case 'conversation':
				return JSON.stringify(await findConversation(db, call[1], call[2]));
		}
	}
}
