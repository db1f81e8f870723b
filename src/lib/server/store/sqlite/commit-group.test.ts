import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { commitGroup } from './commit-group.ts';

let folder: string;
let raw: DatabaseSync;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'runnel-commit-'));
	raw = open();
	raw.exec('pragma journal_mode = wal; create table notes (text text unique)');
});

afterEach(() => {
	vi.restoreAllMocks();
	raw.close();
	rmSync(folder, { recursive: true });
});

test('a lock is waited out, and the operator hears of its start and its end', async () => {
	const said = vi.spyOn(console, 'error').mockReturnValue();
	const other = open();
	other.exec('begin immediate');

	const committed = commitGroup(raw, [note('one'), note('two')]);
	await vi.waitFor(() => {
		expect(said).toHaveBeenCalledTimes(1);
	});
	expect(notes()).toEqual([]);
	await sleepThroughRetries();
	other.exec('commit');
	other.close();

	expect(await committed).toEqual([{}, {}]);
	expect(notes()).toEqual(['one', 'two']);
	expect(said.mock.calls).toEqual([
		['The database cannot be written (database is locked). Answers wait until it can.'],
		['The database can be written again. Nothing was lost.']
	]);
});

test('a full disk is waited out, and nothing is there in part', async () => {
	const said = vi.spyOn(console, 'error').mockReturnValue();
	raw.exec('pragma max_page_count = 10');

	const committed = commitGroup(raw, [note('small'), note('large'.repeat(20_000))]);
	await vi.waitFor(() => {
		expect(said).toHaveBeenCalledWith(expect.stringContaining('full'));
	});
	expect(notes()).toEqual([]);
	raw.exec('pragma max_page_count = 1000');

	expect(await committed).toEqual([{}, {}]);
	expect(notes()).toEqual(['small', 'large'.repeat(20_000)]);
});

test('a write that cannot be made is told so, and those beside it are kept in order', async () => {
	const outcomes = await commitGroup(raw, [note('one'), note('two'), note('one'), note('three')]);

	expect(outcomes).toEqual([{}, {}, { error: expect.stringContaining('UNIQUE') as string }, {}]);
	expect(notes()).toEqual(['one', 'two', 'three']);
});

function open(): DatabaseSync {
	return new DatabaseSync(join(folder, 'notes.db'), { timeout: 10 });
}

function note(text: string) {
	return () => {
		raw.prepare('insert into notes values (?)').run(text);
	};
}

function notes() {
	const reader = open();
	const rows = reader.prepare('select text from notes order by rowid').all();
	reader.close();
	return rows.map(({ text }) => text);
}

/** Long enough for more than one attempt to fail. */
function sleepThroughRetries() {
	return new Promise((resolve) => setTimeout(resolve, 500));
}
