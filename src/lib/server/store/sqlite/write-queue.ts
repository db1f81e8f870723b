import type { Outcome } from './commit-group.ts';

interface Waiting<Write> {
	write: Write;
	resolve: (value: unknown) => void;
	reject: (cause: unknown) => void;
}

/**
 * Group commit: what is written while a commit is under way goes together into the next one.
 *
 * When none is under way a write goes at once, with whatever else is written in the same breath.
 * Writes take effect in the order of the calls.
 */
export class WriteQueue<Write> {
	readonly #commit: (writes: Write[]) => Promise<Outcome[]>;
	#waiting: Waiting<Write>[] = [];
	#working: Promise<void> | undefined;

	constructor(commit: (writes: Write[]) => Promise<Outcome[]>) {
		this.#commit = commit;
	}

	/** Resolves with what came of the write when it is committed; rejects when it never will be. */
	add(write: Write): Promise<unknown> {
		return new Promise((resolve, reject) => {
			this.#waiting.push({ write, resolve, reject });
			this.#working ??= this.#work();
		});
	}

	/** Resolves when everything that was added is done. */
	async drained(): Promise<void> {
		await this.#working;
	}

	async #work(): Promise<void> {
		await Promise.resolve();
		while (this.#waiting.length > 0) {
			const group = this.#waiting;
			this.#waiting = [];
			try {
				const outcomes = await this.#commit(group.map(({ write }) => write));
				for (const [index, { resolve, reject }] of group.entries()) {
					const { value, error } = outcomes[index] ?? {};
					if (error === undefined) resolve(value);
					else reject(new Error(error));
				}
			} catch (cause) {
				for (const { reject } of group) reject(cause);
			}
		}
		this.#working = undefined;
	}
}
