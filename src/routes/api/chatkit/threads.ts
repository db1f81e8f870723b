import type { ConversationSummary, ConversationView } from '#lib/protocol/conversations.ts';
import { Refusal } from '#lib/server/http/refuse.ts';
import type { Runs } from '#lib/server/runs/runs.ts';
import { itemsOf, type ChatKitItem } from '#lib/wire/chatkit-items.ts';

/** A piece of a list; `after` asks for the next one. */
export interface Page<T> {
	data: T[];
	has_more: boolean;
	after?: string | undefined;
}

interface Paging {
	limit?: number | null | undefined;
	order?: 'asc' | 'desc' | null | undefined;
	after?: string | null | undefined;
}

const USUAL = 20;

/** A conversation as a thread. */
export function threadOf(
	{ id, title, createdAt }: Omit<ConversationSummary, 'updatedAt'>,
	items: ChatKitItem[] = []
) {
	return {
		id,
		title,
		created_at: new Date(createdAt).toISOString(),
		status: { type: 'active' },
		metadata: {},
		items: { data: items, has_more: false } satisfies Page<ChatKitItem>
	};
}

/** All that was said in a thread, in its newest branch. */
export function allItems({ id, messages }: ConversationView): ChatKitItem[] {
	return messages.flatMap((message) => itemsOf(message, id));
}

/**
 * @throws {Refusal} 404 when the owner has no such thread
 */
export async function findThread(
	{ owner, runs }: { owner: string; runs: Runs },
	threadId: string
): Promise<ConversationView> {
	const conversation = await runs.conversation(owner, threadId);
	if (conversation) return conversation;
	throw new Refusal(404, 'unknown-conversation', 'There is no such thread.');
}

/** The owner's threads, the one that was last said something in first. */
export async function listThreads(
	{ owner, runs }: { owner: string; runs: Runs },
	{ limit, order, after }: Paging
): Promise<Page<ReturnType<typeof threadOf>>> {
	if (order === 'asc') {
		throw new Refusal(422, 'invalid', 'params.order: threads are listed newest first.');
	}
	const found = await runs.conversations(owner, limit ?? USUAL, after ?? undefined);
	const data = found.conversations.map((conversation) => threadOf(conversation));
	return { data, has_more: found.next !== undefined, after: found.next };
}

/** A piece of a thread's items; `after` is the id of the last one that is known. */
export function pageOf(items: ChatKitItem[], { limit, order, after }: Paging): Page<ChatKitItem> {
	const ordered = order === 'desc' ? items.toReversed() : items;
	const from = after ? ordered.findIndex(({ id }) => id === after) + 1 : 0;
	const data = ordered.slice(from, from + (limit ?? USUAL));
	const has_more = from + data.length < ordered.length;
	return { data, has_more, after: has_more ? data.at(-1)?.id : undefined };
}
