import { openSqliteStore } from '#lib/server/store/sqlite/sqlite-store.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { storeContract } from './store.contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'runnel-store-'));
let count = 0;

afterAll(() => {
	rmSync(folder, { recursive: true });
});

storeContract('SQLite in memory', () => openSqliteStore(':memory:'));
storeContract('SQLite in a file', () =>
	openSqliteStore(`file:${join(folder, String(++count), 'store.db')}`)
);
