import { expect, test, vi } from 'vitest';
import { findSetbacks } from '../sql/runs.ts';
import { migrate, openDatabase } from './open-database.ts';

test('what makes events void is found by its own index, however long the run is', async () => {
	const database = openDatabase(':memory:');
	await migrate(database);
	const { raw, db } = database;
	const prepare = vi.spyOn(raw, 'prepare');
	await findSetbacks(db, 'r1');

	const [[query] = []] = prepare.mock.calls;
	const steps = raw.prepare(`explain query plan ${query ?? ''}`).all('r1');
	expect(steps.map(({ detail }) => String(detail)).join('\n')).toMatch(
		/SEARCH run_events USING INDEX run_events_setbacks/
	);
	raw.close();
});
