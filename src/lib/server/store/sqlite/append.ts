import { insertPause } from '../sql/approvals.ts';
import { settleRun } from '../sql/runs.ts';
import type { Database } from './open-database.ts';
import { type PackedAppend, unpack } from './packed.ts';

/**
 * `Store.append` inside a transaction, by hand: it is what the server does most. Each insert is
 * fenced by the epoch and refuses to leave a gap.
 */
export function appender({ raw, db }: Database): (packed: string) => Promise<{ lost: string[] }> {
	const insert = raw.prepare(`
		insert into run_events (run, seq, event)
		select number, ?2, ?3 from runs
		where id = ?1 and epoch = ?4 and status in ('running', 'paused')
			and exists (select 1 from run_events where run = runs.number and seq = ?2 - 1)`);
	const find = raw.prepare(`
		select 1 from runs where id = ? and epoch = ? and status in ('running', 'paused')`);

	return async (packed) => {
		const lost = new Set<string>();
		for (const run of unpack(packed)) {
			if (lost.has(run.runId)) continue;
			const { runId, epoch, end, pause } = run;
			const settled = insertAll(run) && (!end || (await settleRun(db, runId, epoch, end)));
			if (!settled) lost.add(runId);
			else if (pause) await insertPause(db, runId, run.first + run.events.length - 1, pause);
		}
		return { lost: [...lost] };
	};

	function insertAll({ runId, epoch, first, events }: PackedAppend): boolean {
		let seq = first;
		for (const event of events) {
			if (insert.run(runId, seq, event, epoch).changes === 1) {
				seq++;
				continue;
			}
			if (!find.get(runId, epoch)) return false;
			throw new Error(`run ${runId}: event ${String(seq)} does not follow the last one stored`);
		}
		return events.length > 0 || find.get(runId, epoch) !== undefined;
	}
}
