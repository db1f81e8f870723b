import { parentPort, workerData } from 'node:worker_threads';
import { connect, type Connection } from './connection.ts';
import type { Job, Place, Reply } from './jobs.ts';

if (!parentPort) throw new Error('this file is a worker thread of the SQLite store');
const port = parentPort;
const { url, role } = workerData as Place;
let connection: Connection | undefined;
let turn = Promise.resolve();

port.on('message', (job: Job) => {
	turn = turn.then(() => answer(job));
});

async function answer(job: Job): Promise<void> {
	const reply: Reply = { id: job.id };
	try {
		reply.json = await work(job);
	} catch (cause) {
		reply.error = cause instanceof Error ? cause.message : String(cause);
	}
	port.postMessage(reply);
	if (job.type === 'close') port.close();
}

async function work(job: Job): Promise<string | undefined> {
	if (job.type === 'close') {
		connection?.close();
		return undefined;
	}
	connection ??= await connect(url, role);
	if (job.type === 'write') return JSON.stringify(await connection.write(job.calls));
	if (job.type === 'read') return connection.read(job.call);
	return undefined;
}
