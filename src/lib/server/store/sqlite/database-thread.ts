import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Reply, Task } from './jobs.ts';

// found by name and not beside this file: when the server is bundled, this file is elsewhere
const WORKER = createRequire(import.meta.url).resolve('#lib/server/store/sqlite/worker.ts');

/** A thread that owns a connection to the database, and does one task after the other. */
export class DatabaseThread {
	readonly #worker: Worker;
	readonly #waiting = new Map<number, PromiseWithResolvers<string | undefined>>();
	#lastId = 0;
	#failure: Error | undefined;

	constructor(name: string) {
		const worker = new Worker(WORKER, { name });
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

	/** The JSON that answers a task; rejects when the task fails or the thread is gone. */
	ask(task: Task): Promise<string | undefined> {
		if (this.#failure) return Promise.reject(this.#failure);
		const id = ++this.#lastId;
		const waiting = Promise.withResolvers<string | undefined>();
		this.#waiting.set(id, waiting);
		this.#worker.postMessage({ ...task, id });
		return waiting.promise;
	}

	/** Closes the database after the tasks before, and ends the thread. */
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
