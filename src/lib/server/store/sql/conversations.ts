import type { ConversationPage } from '#lib/protocol/conversations.ts';
import type { ExpressionBuilder, Kysely } from 'kysely';
import type { ConversationRecord } from '../store.ts';
import { branch, newest } from './branch.ts';
import { OPEN, type Tables } from './schema.ts';
import { busy } from './start-run.ts';

/** `Store.conversations`. A cursor is the time and the id of the last conversation of its page. */
export async function listConversations(
	db: Kysely<Tables>,
	owner: string,
	limit: number,
	before?: string
): Promise<ConversationPage> {
	let query = summaries(db, owner)
		.select((eb) => underWay(eb).as('status'))
		.orderBy('updated_at', 'desc')
		.orderBy('id', 'desc')
		.limit(limit + 1);
	if (before !== undefined) {
		const [, time, id] = /^(\d{1,15})\.(.+)$/s.exec(before) ?? [];
		if (time === undefined || id === undefined) return { conversations: [] };
		query = query.where((eb) =>
			eb(eb.refTuple('updated_at', 'id'), '<', eb.tuple(Number(time), id))
		);
	}

	const rows = await query.execute();
	const conversations = rows
		.slice(0, limit)
		.map(({ status, ...summary }) => (status ? { ...summary, status } : summary));
	const last = conversations.at(-1);
	const more = last && rows.length > limit;
	return { conversations, next: more ? `${String(last.updatedAt)}.${last.id}` : undefined };
}

/** `Store.conversation`. */
export async function findConversation(
	db: Kysely<Tables>,
	owner: string,
	id: string
): Promise<ConversationRecord | undefined> {
	const found = await summaries(db, owner).select('number').where('id', '=', id).executeTakeFirst();
	if (!found) return;

	const { number, ...summary } = found;
	const last = await newest(db, number);
	const runs = await db
		.selectFrom('runs')
		.innerJoin('messages', 'messages.number', 'runs.message')
		.select(['runs.id', 'messages.id as messageId', 'runs.status'])
		.where('runs.conversation', '=', number)
		.where('runs.status', 'in', OPEN)
		.execute();
	return { ...summary, messages: last ? await branch(db, last.number) : [], runs };
}

/** `Store.renameConversation`. */
export async function renameConversation(
	db: Kysely<Tables>,
	owner: string,
	id: string,
	title: string
): Promise<boolean> {
	const { numUpdatedRows } = await db
		.updateTable('conversations')
		.set({ title: title.toWellFormed() })
		.where('owner', '=', owner)
		.where('id', '=', id)
		.executeTakeFirst();
	return numUpdatedRows > 0n;
}

/** `Store.deleteConversation` inside a transaction. */
export async function deleteConversation(
	db: Kysely<Tables>,
	owner: string,
	id: string
): Promise<'deleted' | 'unknown' | 'busy'> {
	const found = await summaries(db, owner).select('number').where('id', '=', id).executeTakeFirst();
	if (!found) return 'unknown';
	const { number } = found;
	if (await busy(db, number)) return 'busy';

	const runs = db.selectFrom('runs').select('number').where('conversation', '=', number);
	await db.deleteFrom('run_events').where('run', 'in', runs).execute();
	await db.deleteFrom('approvals').where('run', 'in', runs).execute();
	await db.deleteFrom('runs').where('conversation', '=', number).execute();
	await db.deleteFrom('messages').where('conversation', '=', number).execute();
	await db.deleteFrom('conversations').where('number', '=', number).execute();
	return 'deleted';
}

/** The status of the run that is open in a conversation, of which there is one at most. */
function underWay(eb: ExpressionBuilder<Tables, 'conversations'>) {
	return eb
		.selectFrom('runs')
		.select((open) => open.ref('runs.status').$castTo<'running' | 'paused'>().as('status'))
		.whereRef('runs.conversation', '=', 'conversations.number')
		.where('runs.status', 'in', OPEN);
}

function summaries(db: Kysely<Tables>, owner: string) {
	return db
		.selectFrom('conversations')
		.select(['id', 'title', 'created_at as createdAt', 'updated_at as updatedAt'])
		.where('owner', '=', owner);
}
