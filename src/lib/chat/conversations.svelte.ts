import { untrack } from 'svelte';
import type { ConversationPage, ConversationSummary } from '#lib/protocol/conversations.ts';
import { onnews } from './on-news.ts';
import type { ListServer } from './server.ts';
import { actual, type Surroundings } from './surroundings.ts';
import { type Trouble, troubleOf } from './trouble.ts';

/** How long a removal can be undone, in milliseconds. */
export const UNDO_MS = 6000;

const LOOK_MS = 3000;

/** The conversations there are, newest first, as a sidebar shows them. */
export class Conversations {
	items: ConversationSummary[] = $state([]);
	/** Where the next page begins; undefined when all are shown. */
	next: string | undefined = $state.raw();
	loading = $state(false);
	/** Taken out of the list, and about to be removed for good unless `undo` is called. */
	removed: ConversationSummary | undefined = $state.raw();
	failure: Trouble | undefined = $state.raw();

	readonly #server: ListServer;
	readonly #surroundings: Surroundings;
	#callOff: (() => void) | undefined;
	/** The conversation that is listened to, while the list is watched. */
	#current: (() => string | undefined) | undefined;
	#callOffLook: (() => void) | undefined;

	constructor(server: ListServer, page?: ConversationPage, surroundings: Surroundings = actual) {
		this.#server = server;
		this.#surroundings = surroundings;
		this.items = page?.conversations ?? [];
		this.next = page?.next;
	}

	/** Reads the newest again, as after a new conversation began; older ones that are shown stay. */
	async refresh(): Promise<void> {
		await this.#load(undefined, ({ conversations, next }) => {
			const newest = conversations.filter(({ id }) => id !== this.removed?.id);
			const end = conversations.at(-1)?.updatedAt ?? 0;
			const older = next === undefined ? [] : this.items.filter((one) => one.updatedAt < end);
			if (older.length === 0) this.next = next;
			this.items = [...newest, ...older];
		});
	}

	/**
	 * Reads the newest again whenever there may be news, and every few seconds while something is
	 * under way that nobody here listens to: in another conversation than `current`. Returns a
	 * function that ends it.
	 */
	watch(current: () => string | undefined): () => void {
		this.#current = current;
		this.#lookAgain();
		const deafen = onnews(this.#surroundings, () => void this.refresh());
		return () => {
			this.#current = undefined;
			this.#callOffLook?.();
			deafen();
		};
	}

	async loadMore(): Promise<void> {
		const before = untrack(() => this.next);
		if (before === undefined) return;
		await this.#load(before, ({ conversations, next }) => {
			// one that moved up since the last page comes again
			const known = [...this.items.map(({ id }) => id), this.removed?.id];
			this.items.push(...conversations.filter(({ id }) => !known.includes(id)));
			this.next = next;
		});
	}

	async rename(id: string, title: string): Promise<void> {
		const item = this.items.find((one) => one.id === id);
		if (!item || title.trim() === '' || item.title === title) return;
		const before = item.title;
		item.title = title;
		await this.#try(
			async () => {
				await this.#server.rename(id, title);
				this.#surroundings.tell(id);
			},
			() => {
				item.title = before;
			}
		);
	}

	/** Takes a conversation out of the list, and removes it when the time to undo that is over. */
	remove(id: string): void {
		const item = this.items.find((one) => one.id === id);
		if (!item) return;
		void this.commit();
		this.items = this.items.filter((one) => one.id !== id);
		this.removed = item;
		const later = this.#surroundings.after(UNDO_MS, () => void this.commit());
		const hidden = this.#surroundings.onhide(() => void this.commit());
		this.#callOff = () => {
			later();
			hidden();
		};
	}

	undo(): void {
		const item = this.#takeRemoved();
		if (item) this.#putBack(item);
	}

	/** Removes for good what waits to be removed; put back when the server refuses. */
	async commit(): Promise<void> {
		const item = this.#takeRemoved();
		if (!item) return;
		await this.#try(
			async () => {
				await this.#server.remove(item.id);
				this.#surroundings.tell(item.id);
			},
			() => {
				this.#putBack(item);
			}
		);
	}

	#takeRemoved(): ConversationSummary | undefined {
		const item = this.removed;
		this.#callOff?.();
		this.#callOff = undefined;
		this.removed = undefined;
		return item;
	}

	#putBack(item: ConversationSummary): void {
		this.items = [...this.items, item].sort((a, b) => b.updatedAt - a.updatedAt);
	}

	async #load(before: string | undefined, take: (page: ConversationPage) => void): Promise<void> {
		// whoever calls this in an effect must not be called again because of it
		if (untrack(() => this.loading)) return;
		this.loading = true;
		await this.#try(async () => {
			take(await this.#server.conversations(before));
		});
		this.loading = false;
		this.#lookAgain();
	}

	#lookAgain(): void {
		this.#callOffLook?.();
		const elsewhere = ({ id, status }: ConversationSummary) =>
			status === 'running' && id !== this.#current?.();
		if (!this.#current || untrack(() => this.failure || !this.items.some(elsewhere))) return;
		this.#callOffLook = this.#surroundings.after(LOOK_MS, () => void this.refresh());
	}

	async #try(task: () => Promise<void>, takeBack?: () => void): Promise<void> {
		this.failure = undefined;
		try {
			await task();
		} catch (cause) {
			takeBack?.();
			this.failure = troubleOf(cause);
		}
	}
}
