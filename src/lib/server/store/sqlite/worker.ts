import { parentPort, workerData } from 'node:worker_threads';
import {
	deleteConversation,
	findConversation,
	listConversations,
	renameConversation
} from '../sql/conversations.ts';
import { claimRun, findRun, openRuns } from '../sql/runs.ts';
import { startRun } from '../sql/start-run.ts';
import { appender } from './append.ts';
import { commitGroup } from './commit-group.ts';
import type { Call, Job, Reads, Reply, Start, Writes } from './jobs.ts';
import { migrate, openDatabase } from './open-database.ts';
import { eventReader } from './read-events.ts';

if (!parentPort) throw new Error('this file is the worker thread of the SQLite store');
const port = parentPort;
const { url, role } = workerData as Start;
const database = openDatabase(url);
const { raw, db } = database;
if (role === 'writer') await migrate(database);

const append = appender(database);
const events = eventReader(raw);
const beat = raw.prepare('insert or replace into pulse (number, at) values (1, ?)');

let turn = Promise.resolve();
port.on('message', (job: Job) => {
	turn = turn.then(() => answer(job));
});
port.postMessage('ready');

async function answer(job: Job): Promise<void> {
	const reply: Reply = { id: job.id };
	try {
		if (job.type === 'write') {
			const writes = job.calls.map((call) => () => write(call));
			reply.json = JSON.stringify(await commitGroup(raw, writes));
		}
		if (job.type === 'read') reply.json = await readAtOnce(job.call);
		if (job.type === 'close') raw.close();
	} catch (cause) {
		reply.error = cause instanceof Error ? cause.message : String(cause);
	}
	port.postMessage(reply);
	if (job.type === 'close') port.close();
}

function write(call: Call<Writes>): unknown {
	switch (call[0]) {
		case 'startRun':
			return startRun(db, call[1]);
		case 'append':
			return append(call[1]);
		case 'claimRun':
			return claimRun(db, call[1], call[2]);
		case 'renameConversation':
			return renameConversation(db, call[1], call[2], call[3]);
		case 'deleteConversation':
			return deleteConversation(db, call[1], call[2]);
		case 'pulse':
			return beat.run(call[1]).changes;
	}
}

/** Reads in one transaction, so that no commit comes between its queries. */
async function readAtOnce(call: Call<Reads>): Promise<string | undefined> {
	raw.exec('begin');
	try {
		return await read(call);
	} finally {
		raw.exec('commit');
	}
}

async function read(call: Call<Reads>): Promise<string | undefined> {
	switch (call[0]) {
		case 'events':
			return events(call[1], call[2], call[3]);
		case 'run':
			return JSON.stringify(await findRun(db, call[1]));
		case 'openRuns':
			return JSON.stringify(await openRuns(db));
		case 'conversations':
			return JSON.stringify(await listConversations(db, call[1], call[2], call[3]));
		case 'conversation':
			return JSON.stringify(await findConversation(db, call[1], call[2]));
	}
}
