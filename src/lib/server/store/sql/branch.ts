import type { Message } from '#lib/protocol/messages.ts';
import type { Kysely } from 'kysely';
import type { MessageRow, Tables } from './schema.ts';

/** The messages from the first to the one with that number, each following the one before it. */
export async function branch(db: Kysely<Tables>, last: number): Promise<Message[]> {
	const rows = await db
		.withRecursive('branch', (query) =>
			query
				.selectFrom('messages')
				.selectAll()
				.where('number', '=', last)
				.unionAll((query) =>
					query
						.selectFrom('messages')
						.innerJoin('branch', 'branch.parent', 'messages.number')
						.selectAll('messages')
				)
		)
		.selectFrom('branch')
		.selectAll()
		.orderBy('number')
		.execute();
	return rows.map((row, index) => toMessage(row, rows[index - 1]?.id));
}

/** The newest message of a conversation: the last of its newest branch. */
export function newest(db: Kysely<Tables>, conversation: number): Promise<MessageRow | undefined> {
	return db
		.selectFrom('messages')
		.selectAll()
		.where('conversation', '=', conversation)
		.orderBy('number', 'desc')
		.limit(1)
		.executeTakeFirst();
}

/** The part of a message that has no columns of its own, as it is stored. */
export function bodyOf(message: Message): string {
	return JSON.stringify({
		...message,
		id: undefined,
		role: undefined,
		parentId: undefined,
		createdAt: undefined
	});
}

function toMessage({ id, role, created_at: createdAt, body }: MessageRow, parentId?: string) {
	return { id, role, parentId, createdAt, ...(JSON.parse(body) as object) } as Message;
}
