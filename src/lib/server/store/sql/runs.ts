import { isSetback, type Numbered, type Setback } from '#lib/protocol/events.ts';
import type { RunStatus } from '#lib/protocol/conversations.ts';
import { type Kysely, sql } from 'kysely';
import type { RunRecord } from '../store.ts';
import { OPEN, type Tables } from './schema.ts';

/** `Store.run`. */
export function findRun(db: Kysely<Tables>, runId: string): Promise<RunRecord | undefined> {
	return runs(db).where('runs.id', '=', runId).executeTakeFirst();
}

/** `Store.setbacks`. */
export async function findSetbacks(db: Kysely<Tables>, runId: string): Promise<Setback[]> {
	const rows = await db
		.selectFrom('runs')
		.innerJoin('run_events', 'run_events.run', 'runs.number')
		.select('event')
		.where('runs.id', '=', runId)
		// word for word the condition of the index that finds them
		.where(sql<boolean>`instr(event, '"type":"run-re') > 0`)
		.orderBy('seq')
		.execute();
	return rows.map(({ event }) => JSON.parse(event) as Numbered).filter(isSetback);
}

/** `Store.openRuns`, oldest first. */
export function openRuns(db: Kysely<Tables>): Promise<RunRecord[]> {
	return runs(db).where('runs.status', 'in', OPEN).orderBy('runs.number').execute();
}

/** `Store.claimRun` inside a transaction. */
export async function claimRun(
	db: Kysely<Tables>,
	runId: string,
	epoch: number
): Promise<RunRecord | undefined> {
	const claimed = await db
		.updateTable('runs')
		.set({ epoch: epoch + 1 })
		.where('id', '=', runId)
		.where('epoch', '=', epoch)
		.where('status', 'in', OPEN)
		.returning('number')
		.executeTakeFirst();
	return claimed && findRun(db, runId);
}

/** What a run has come to, or where it waits: its status, and its reply as `bodyOf` gives it. */
export interface Ending {
	status: RunStatus;
	body: string;
	now: number;
}

/** Sets what a run has come to. False when somebody else has it, or it is over. */
export async function settleRun(
	db: Kysely<Tables>,
	runId: string,
	epoch: number,
	{ status, body, now }: Ending
): Promise<boolean> {
	const open = OPEN.some((name) => name === status);
	const settled = await db
		.updateTable('runs')
		.set({ status, ended_at: open ? null : now })
		.where('id', '=', runId)
		.where('epoch', '=', epoch)
		.where('status', 'in', OPEN)
		.returning(['number', 'message', 'conversation'])
		.executeTakeFirst();
	if (!settled) return false;

	const { number, message, conversation } = settled;
	await db.deleteFrom('pauses').where('run', '=', number).execute();
	await db.updateTable('messages').set({ body }).where('number', '=', message).execute();
	await db
		.updateTable('conversations')
		.set({ updated_at: now })
		.where('number', '=', conversation)
		.execute();
	return true;
}

function runs(db: Kysely<Tables>) {
	return db
		.selectFrom('runs')
		.innerJoin('conversations', 'conversations.number', 'runs.conversation')
		.innerJoin('messages', 'messages.number', 'runs.message')
		.select([
			'runs.id',
			'runs.owner',
			'conversations.id as conversationId',
			'messages.id as messageId',
			'runs.status',
			'runs.epoch',
			'runs.started_at as startedAt',
			sql<number>`(select max(seq) from run_events where run = runs.number)`.as('lastSeq')
		]);
}
