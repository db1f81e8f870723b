import type { Numbered } from '#lib/protocol/events.ts';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RunDraft, Store } from '../store.ts';
import { openSqliteStore } from './sqlite-store.ts';

let folder: string;
let path: string;
const children: ChildProcess[] = [];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'runnel-durability-'));
	path = join(folder, 'store.db');
});

afterEach(() => {
	for (const child of children.splice(0)) child.kill('SIGKILL');
	rmSync(folder, { recursive: true });
});

test('what was acknowledged survives kill -9, whole and without a gap', async () => {
	for (let round = 0; round < 5; round++) {
		const acknowledged = new Map<string, number>();
		const child = launch(new URL('./fixtures/append-for-ever.ts', import.meta.url), `file:${path}`);
		const ended = once(child, 'exit');
		let lines = 0;
		for await (const line of linesOf(child)) {
			const [runId = '', seq] = line.split(' ');
			acknowledged.set(runId, Number(seq));
			if (++lines === 200 * (round + 1)) child.kill('SIGKILL');
		}
		expect(await ended).toEqual([null, 'SIGKILL']);
		expect(acknowledged.size).toBe(4);

		await using(async (store) => {
			for (const [runId, seq] of acknowledged) {
				const events = await store.events(runId, 0, 1e9);
				expect(events.length).toBeGreaterThanOrEqual(seq);
				expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
			}
			expect(await store.openRuns()).toHaveLength(4 * (round + 1));
		});
	}
}, 120_000);

test(
	'another program that holds the database for long delays writes, and does nothing else',
	{ timeout: 60_000 },
	async () => {
		await using(async (store) => {
			await store.startRun(draft('run-1'));
			const locker = launch(new URL('./fixtures/hold-database.ts', import.meta.url), path);
			await once(linesOf(locker), 'line');

			const settled: string[] = [];
			const writes = [2, 3, 4, 5].map(async (seq) => {
				await store.append([{ runId: 'run-1', epoch: 1, events: [delta(seq)] }]);
				settled.push(`append ${String(seq)}`);
			});
			writes.push(store.startRun(draft('run-2')).then(({ type }) => void settled.push(type)));
			const late = store.append([{ runId: 'run-2', epoch: 1, events: [delta(2)] }]);

			await expect(store.check()).rejects.toThrow('in time');
			await new Promise((resolve) => setTimeout(resolve, 5500));
			expect(settled).toEqual([]);
			expect(await store.events('run-1', 0, 1e6)).toHaveLength(1);

			locker.stdin?.write('let go\n');
			await Promise.all(writes);
			expect(settled).toEqual(['append 2', 'append 3', 'append 4', 'append 5', 'started']);
			expect(await late).toEqual({ lost: [] });
			expect((await store.events('run-1', 0, 1e6)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
			await vi.waitFor(() => store.check(), 20_000);
		});
	}
);

test('a database of the first release opens, and comes to the tables of a new one', async () => {
	const old = new DatabaseSync(path);
	old.exec(readFileSync(new URL('fixtures/0001.sql', import.meta.url), 'utf8'));
	old.close();

	await using(async (store) => {
		expect(await store.conversation('ada', 'c1')).toMatchObject({
			title: 'First',
			messages: [
				{ id: 'q1', parts: [{ text: 'Why?' }] },
				{ id: 'm1', runId: 'run-1' }
			],
			runs: [{ id: 'run-1' }]
		});
		await store.append([{ runId: 'run-1', epoch: 1, events: [delta(4)] }]);
		expect(await store.run('run-1')).toMatchObject({ lastSeq: 4 });
	});

	const fresh = join(folder, 'deep', 'er', 'fresh.db');
	await (await openSqliteStore(`file:${fresh}`)).close();
	expect(tablesOf(path)).toEqual(tablesOf(fresh));
});

test('several that open a new database at once all find it ready', async () => {
	const stores = await Promise.all([1, 2, 3].map(() => openSqliteStore(`file:${path}`)));
	for (const [index, store] of stores.entries())
		await store.startRun(draft(`run-${String(index)}`));
	for (const store of stores) expect(await store.openRuns()).toHaveLength(3);
	await Promise.all(stores.map((store) => store.close()));
});

test('a file that cannot be opened is named', async () => {
	await expect(openSqliteStore(`file:${folder}`)).rejects.toThrow(
		`file:${folder} cannot be opened`
	);
});

test('a store opens in a program that Node was given as text', async () => {
	const module = JSON.stringify(new URL('./sqlite-store.ts', import.meta.url).href);
	const program = `
		const { openSqliteStore } = await import(${module});
		await (await openSqliteStore(${JSON.stringify(`file:${path}`)})).close();`;
	const options = ['--input-type=module', '--eval', program];
	const child = spawn(process.execPath, options, { stdio: ['ignore', 'ignore', 'inherit'] });
	children.push(child);
	expect(await once(child, 'exit')).toEqual([0, null]);
});

async function using(work: (store: Store) => Promise<void>): Promise<void> {
	const store = await openSqliteStore(`file:${path}`);
	try {
		await work(store);
	} finally {
		await store.close();
	}
}

function launch(program: URL, ...values: string[]): ChildProcess {
	const options = [fileURLToPath(program), ...values];
	const child = spawn(process.execPath, options, { stdio: ['pipe', 'pipe', 'inherit'] });
	children.push(child);
	return child;
}

function linesOf({ stdout }: ChildProcess) {
	if (!stdout) throw new Error('the child has no output');
	return createInterface(stdout);
}

function draft(runId: string): RunDraft {
	const question = { id: 'q', text: 'Why?' };
	const ids = {
		owner: 'ada',
		conversationId: runId,
		runId,
		messageId: 'm',
		agent: 'a',
		model: 'm'
	};
	return { ...ids, create: true, title: 'Why?', question, now: 1 };
}

function delta(seq: number): Numbered {
	return { seq, type: 'text-delta', partId: 'p', delta: 'token' };
}

function tablesOf(file: string): unknown[] {
	const database = new DatabaseSync(file, { readOnly: true });
	const rows = database.prepare('select type, name, sql from sqlite_schema order by name').all();
	database.close();
	return rows;
}
