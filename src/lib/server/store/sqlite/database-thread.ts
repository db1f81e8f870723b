import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Place, Reply, Task } from './jobs.ts';

const BUNDLED = fileURLToPath(new URL('store-worker.js', import.meta.url));
/** Beside this file in the command line's bundle; else by name, as the server's bundle leaves it where it is. */
const WORKER = existsSync(BUNDLED)
	? BUNDLED
	: createRequire(import.meta.url).resolve('#lib/server/store/sqlite/worker.ts');

/**
 * A thread that owns a connection to the database, and does one task after the other.
 *
 * When it dies, `ondeath` is told, and then those who wait for an answer. The next task starts a
 * reader again, but never a writer: whether what it was at is on disk nobody knows.
 */
export class DatabaseThread {
	readonly #place: Place;
	readonly #ondeath: (death: Error) => void;
	readonly #waiting = new Map<number, PromiseWithResolvers<string | undefined>>();
	#worker: Worker | undefined;
	#lastId = 0;
	/** Why it does nothing any more. */
	#over: Error | undefined;

	constructor(place: Place, ondeath: (death: Error) => void) {
		this.#place = place;
		this.#ondeath = ondeath;
	}

	/** The JSON that answers a task; rejects when the task fails or the thread is gone. */
	ask(task: Task): Promise<string | undefined> {
		if (this.#over) return Promise.reject(this.#over);
		this.#worker ??= this.#start();
		const id = ++this.#lastId;
		const waiting = Promise.withResolvers<string | undefined>();
		this.#waiting.set(id, waiting);
		this.#worker.postMessage({ ...task, id });
		return waiting.promise;
	}

	/** Closes the database after the tasks before, and ends the thread. */
	async close(): Promise<void> {
		if (this.#over) return;
		const worker = this.#worker;
		const ended = worker && once(worker, 'exit');
		const closed = worker && this.ask({ type: 'close' });
		this.#over = new Error('The store is closed.');
		await closed;
		await ended;
	}

	#start(): Worker {
		// flags that are for the process's own program, such as --input-type, end a thread
		const options = { name: `store ${this.#place.role}`, execArgv: [], workerData: this.#place };
		const worker = new Worker(WORKER, options);
		let cause: unknown;
		worker.on('message', ({ id, json, error }: Reply) => {
			const waiting = this.#waiting.get(id);
			this.#waiting.delete(id);
			if (error === undefined) waiting?.resolve(json);
			else waiting?.reject(new Error(error));
		});
		worker.on('error', (error) => {
			cause = error;
		});
		worker.on('exit', () => {
			this.#worker = undefined;
			const death = new Error(`The thread of the ${options.name} died.`, { cause });
			if (!this.#over) this.#ondeath(death);
			if (this.#place.role === 'writer') this.#over ??= death;
			for (const { reject } of this.#waiting.values()) reject(this.#over ?? death);
			this.#waiting.clear();
		});
		return worker;
	}
}
