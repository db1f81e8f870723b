import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Tables } from '../sql/schema.ts';
import { migrations } from './migrations.ts';

/** One connection, by hand and by Kysely. Its user takes care that one transaction is open at a time. */
export interface Database {
	raw: DatabaseSync;
	db: Kysely<Tables>;
}

/** What another program may hold the database for before an attempt counts as failed. */
const BUSY_MS = 5000;

/** Opens `file:PATH` or `:memory:`, making the folder, with every commit flushed to the disk. */
export function openDatabase(url: string): Database {
	const raw = new DatabaseSync(pathOf(url), {
		timeout: BUSY_MS,
		enableForeignKeyConstraints: true
	});
	raw.exec('pragma journal_mode = wal; pragma synchronous = full');
	return { raw, db: new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(raw) }) }) };
}

/** Where the database of a URL is, in a folder that is there. */
export function pathOf(url: string): string {
	if (url === ':memory:') return url;
	const path = resolve(url.replace(/^file:/, ''));
	mkdirSync(dirname(path), { recursive: true });
	return path;
}

/** Brings the tables up to date, all or nothing, even when several processes begin at once. */
export async function migrate({ raw, db }: Database): Promise<void> {
	const migrator = new Migrator({
		db,
		provider: { getMigrations: () => Promise.resolve(migrations) }
	});
	// Kysely itself runs migrations of SQLite outside a transaction
	raw.exec('begin immediate');
	try {
		const { error } = await migrator.migrateToLatest();
		if (error) throw error as Error;
		raw.exec('commit');
	} catch (cause) {
		if (raw.isTransaction) raw.exec('rollback');
		throw cause;
	}
}

/** A `node:sqlite` database as Kysely wants one, which prepares each statement once. */
function adapt(raw: DatabaseSync): SqliteDatabase {
	const statements = new Map<string, ReturnType<typeof adaptStatement>>();
	return {
		prepare(query) {
			let statement = statements.get(query);
			if (!statement) statements.set(query, (statement = adaptStatement(raw.prepare(query))));
			return statement;
		},
		close() {
			raw.close();
		}
	};
}

function adaptStatement(statement: StatementSync) {
	return {
		reader: statement.columns().length > 0,
		all: (values: readonly unknown[]) => statement.all(...(values as SQLInputValue[])),
		run: (values: readonly unknown[]) => statement.run(...(values as SQLInputValue[])),
		iterate: (values: readonly unknown[]) => statement.iterate(...(values as SQLInputValue[]))
	};
}
