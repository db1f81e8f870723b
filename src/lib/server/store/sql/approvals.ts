import type { Numbered } from '#lib/protocol/events.ts';
import type { Kysely } from 'kysely';
import type {
	Approval,
	ApprovalAnswer,
	ApprovalAnswered,
	ApprovalRefused,
	Pause,
	RunRecord,
	StoredPause
} from '../store.ts';
import { findRun } from './runs.ts';
import type { Tables } from './schema.ts';

/** Stores what a run waits for, which paused with event `seq`. */
export async function insertPause(
	db: Kysely<Tables>,
	runId: string,
	seq: number,
	{ state, approvals }: Pause
): Promise<void> {
	const { number: run } = await db
		.selectFrom('runs')
		.select('number')
		.where('id', '=', runId)
		.executeTakeFirstOrThrow();
	await db.insertInto('pauses').values({ run, seq, state }).execute();
	for (const { id, callId: call } of approvals) {
		await db.insertInto('approvals').values({ run, id, call }).execute();
	}
}

/** `Store.pause`. */
export async function findPause(
	db: Kysely<Tables>,
	runId: string
): Promise<StoredPause | undefined> {
	const found = await db
		.selectFrom('pauses')
		.innerJoin('runs', 'runs.number', 'pauses.run')
		.select(['pauses.run', 'pauses.seq', 'pauses.state'])
		.where('runs.id', '=', runId)
		.where('runs.status', '=', 'paused')
		.executeTakeFirst();
	if (!found) return;

	const { run, seq, state } = found;
	const rows = await db
		.selectFrom('approvals')
		.selectAll()
		.where('run', '=', run)
		.where((eb) => eb.or([eb('seq', 'is', null), eb('seq', '>', seq)]))
		.orderBy('id')
		.execute();
	const approvals = rows.map(({ id, call: callId, approved, reason }): Approval => {
		if (approved === null) return { id, callId };
		return { id, callId, approved: approved === 1, reason: reason ?? undefined };
	});
	return { seq, state, approvals };
}

/** `Store.answerApproval` inside a transaction. */
export async function answerApproval(
	db: Kysely<Tables>,
	{ runId, approvalId, approved, reason }: ApprovalAnswer
): Promise<ApprovalAnswered | ApprovalRefused> {
	const found = await db
		.selectFrom('approvals')
		.innerJoin('runs', 'runs.number', 'approvals.run')
		.select(['approvals.run', 'call', 'approved', 'seq', 'status', 'epoch'])
		.where('runs.id', '=', runId)
		.where('approvals.id', '=', approvalId)
		.executeTakeFirst();
	if (!found) return { type: 'refused', code: 'unknown-approval' };

	const { run, call: callId, status, epoch } = found;
	const code = 'approval-answered';
	if (found.seq !== null) {
		const earlier = { approved: found.approved === 1, seq: found.seq };
		return { type: 'refused', code, earlier };
	}
	if (status !== 'paused') return { type: 'refused', code };

	// whoever was about to append learns by the epoch that the log has grown under him
	await db
		.updateTable('runs')
		.set({ epoch: epoch + 1 })
		.where('number', '=', run)
		.execute();
	const seq = (await lastSeq(db, run)) + 1;
	const response: Numbered = {
		...{ seq, type: 'approval-response', approvalId, callId, approved },
		...(reason === undefined ? {} : { reason })
	};
	await db
		.insertInto('run_events')
		.values({ run, seq, event: JSON.stringify(response) })
		.execute();
	await db
		.updateTable('approvals')
		.set({ approved: approved ? 1 : 0, reason: reason?.toWellFormed() ?? null, seq })
		.where('run', '=', run)
		.where('id', '=', approvalId)
		.execute();
	return { type: 'answered', callId, seq, open: await countOpen(db, run) };
}

/** `Store.resumeRun` inside a transaction. */
export async function resumeRun(
	db: Kysely<Tables>,
	runId: string,
	epoch: number
): Promise<RunRecord | undefined> {
	const found = await db
		.selectFrom('runs')
		.innerJoin('pauses', 'pauses.run', 'runs.number')
		.select('number')
		.where('id', '=', runId)
		.where('epoch', '=', epoch)
		.where('status', '=', 'paused')
		.executeTakeFirst();
	if (!found || (await countOpen(db, found.number)) > 0) return;

	const { number } = found;
	await db.deleteFrom('pauses').where('run', '=', number).execute();
	await db
		.updateTable('runs')
		.set({ epoch: epoch + 1, status: 'running' })
		.where('number', '=', number)
		.execute();
	return findRun(db, runId);
}

async function countOpen(db: Kysely<Tables>, run: number): Promise<number> {
	const { open } = await db
		.selectFrom('approvals')
		.select((eb) => eb.fn.countAll<number>().as('open'))
		.where('run', '=', run)
		.where('seq', 'is', null)
		.executeTakeFirstOrThrow();
	return open;
}

async function lastSeq(db: Kysely<Tables>, run: number): Promise<number> {
	const { last } = await db
		.selectFrom('run_events')
		.select((eb) => eb.fn.max<number>('seq').as('last'))
		.where('run', '=', run)
		.executeTakeFirstOrThrow();
	return last;
}
