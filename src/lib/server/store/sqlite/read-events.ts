import type { DatabaseSync } from 'node:sqlite';

/** `Store.events` by hand, as a JSON array: rows are read until there are enough bytes, and no further. */
export function eventReader(
	raw: DatabaseSync
): (runId: string, after: number, limit: number) => string {
	const select = raw.prepare(`
		select event from run_events
		where run = (select number from runs where id = ?) and seq > ?
		order by seq`);

	return (runId, after, limit) => {
		let json = '';
		for (const { event } of select.iterate(runId, after)) {
			if (json && json.length + String(event).length > limit) break;
			json += json ? `,${String(event)}` : String(event);
		}
		return `[${json}]`;
	};
}
