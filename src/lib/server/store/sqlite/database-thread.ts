import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Job, Reply, Start } from './jobs.ts';

// found by name and not beside this file: when the server is bundled, this file is elsewhere
const WORKER = createRequire(import.meta.url).resolve('#lib/server/store/sqlite/worker.ts');

type Request = Job extends infer Each ? (Each extends Job ? Omit<Each, 'id'> : never) : never;

/** A thread that owns a connection to the database, and answers one job after the other. */
export class DatabaseThread {
	readonly #worker: Worker;
	readonly #waiting = new Map<number, PromiseWithResolvers<string | undefined>>();
	#lastId = 0;
	#failure: Error | undefined;

	/** Resolves when the database is open and up to date; rejects with why it cannot be. */
	static async open(start: Start): Promise<DatabaseThread> {
		const worker = new Worker(WORKER, { workerData: start, name: `store ${start.role}` });
		await once(worker, 'message');
		return new DatabaseThread(worker);
	}

	private constructor(worker: Worker) {
		this.#worker = worker;
		worker.on('message', ({ id, json, error }: Reply) => {
			const waiting = this.#waiting.get(id);
			this.#waiting.delete(id);
			if (error === undefined) waiting?.resolve(json);
			else waiting?.reject(new Error(error));
		});
		worker.on('error', (cause) => {
			this.#fail(new Error('The database thread died.', { cause }));
		});
		worker.on('exit', () => {
			this.#fail(new Error('The store is closed.'));
		});
	}

	/** The JSON that answers a job; rejects when the job fails or the thread is gone. */
	ask(request: Request): Promise<string | undefined> {
		if (this.#failure) return Promise.reject(this.#failure);
		const id = ++this.#lastId;
		const waiting = Promise.withResolvers<string | undefined>();
		this.#waiting.set(id, waiting);
		this.#worker.postMessage({ ...request, id });
		return waiting.promise;
	}

	/** Closes the database after the jobs before, and ends the thread. */
	async close(): Promise<void> {
		if (this.#failure) return;
		const ended = once(this.#worker, 'exit');
		await this.ask({ type: 'close' });
		await ended;
	}

	#fail(failure: Error): void {
		this.#failure ??= failure;
		for (const waiting of this.#waiting.values()) waiting.reject(this.#failure);
		this.#waiting.clear();
	}
}
