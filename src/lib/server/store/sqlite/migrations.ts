import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * The steps from an empty file to the newest tables, in order of their names. A step that has been
 * released is never changed: a new one is added.
 */
export const migrations: Record<string, Migration> = {
	'0001-conversations-and-runs': { up: conversationsAndRuns },
	'0002-approvals': { up: approvals },
	'0003-setbacks': { up: setbacks }
};

/**
 * `parent` and `message` refer to messages without a foreign key: each would need an index that no
 * query reads, or every deletion would search the whole table.
 */
async function conversationsAndRuns(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable('conversations')
		.addColumn('number', 'integer', (column) => column.primaryKey())
		.addColumn('owner', 'text', (column) => column.notNull())
		.addColumn('id', 'text', (column) => column.notNull())
		.addColumn('title', 'text', (column) => column.notNull())
		.addColumn('created_at', 'integer', (column) => column.notNull())
		.addColumn('updated_at', 'integer', (column) => column.notNull())
		.addUniqueConstraint('conversations_owner_id', ['owner', 'id'])
		.execute();
	await schema
		.createIndex('conversations_newest')
		.on('conversations')
		.columns(['owner', 'updated_at', 'id'])
		.execute();

	await schema
		.createTable('messages')
		.addColumn('number', 'integer', (column) => column.primaryKey())
		.addColumn('conversation', 'integer', (column) =>
			column.notNull().references('conversations.number')
		)
		.addColumn('id', 'text', (column) => column.notNull())
		.addColumn('role', 'text', (column) => column.notNull())
		.addColumn('parent', 'integer')
		.addColumn('created_at', 'integer', (column) => column.notNull())
		.addColumn('body', 'text', (column) => column.notNull())
		.addUniqueConstraint('messages_conversation_id', ['conversation', 'id'])
		.execute();
	await schema
		.createIndex('messages_newest')
		.on('messages')
		.columns(['conversation', 'number'])
		.execute();

	await schema
		.createTable('runs')
		.addColumn('number', 'integer', (column) => column.primaryKey())
		.addColumn('id', 'text', (column) => column.notNull().unique())
		.addColumn('owner', 'text', (column) => column.notNull())
		.addColumn('conversation', 'integer', (column) =>
			column.notNull().references('conversations.number')
		)
		.addColumn('message', 'integer', (column) => column.notNull())
		.addColumn('status', 'text', (column) => column.notNull())
		.addColumn('epoch', 'integer', (column) => column.notNull())
		.addColumn('key', 'text')
		.addColumn('digest', 'text')
		.addColumn('started_at', 'integer', (column) => column.notNull())
		.addColumn('ended_at', 'integer')
		.execute();
	await schema.createIndex('runs_conversation').on('runs').column('conversation').execute();
	await schema
		.createIndex('runs_open')
		.unique()
		.on('runs')
		.column('conversation')
		.where(sql.ref('status'), 'in', sql`('running', 'paused')`)
		.execute();
	await schema
		.createIndex('runs_key')
		.unique()
		.on('runs')
		.columns(['owner', 'key'])
		.where(sql.ref('key'), 'is not', null)
		.execute();

	// rows lie in order of arrival: clustered by run, each commit would touch a page for every run
	// that speaks, which costs twice the work of an append
	await schema
		.createTable('run_events')
		.addColumn('run', 'integer', (column) => column.notNull())
		.addColumn('seq', 'integer', (column) => column.notNull())
		.addColumn('event', 'text', (column) => column.notNull())
		.addUniqueConstraint('run_events_run_seq', ['run', 'seq'])
		.execute();

	await schema
		.createTable('pulse')
		.addColumn('number', 'integer', (column) => column.primaryKey())
		.addColumn('at', 'integer', (column) => column.notNull())
		.execute();
}

async function approvals({ schema }: Kysely<unknown>): Promise<void> {
	// a table of its own: a state may be large, and rows of runs are read often
	await schema
		.createTable('pauses')
		.addColumn('run', 'integer', (column) => column.primaryKey())
		.addColumn('seq', 'integer', (column) => column.notNull())
		.addColumn('state', 'text', (column) => column.notNull())
		.execute();
	await schema
		.createTable('approvals')
		.addColumn('run', 'integer', (column) => column.notNull())
		.addColumn('id', 'text', (column) => column.notNull())
		.addColumn('call', 'text', (column) => column.notNull())
		.addColumn('approved', 'integer')
		.addColumn('reason', 'text')
		.addColumn('seq', 'integer')
		.addUniqueConstraint('approvals_run_id', ['run', 'id'])
		.execute();
}

/** Events that make others void are few, and whoever comes to a run must know them before the rest. */
async function setbacks({ schema }: Kysely<unknown>): Promise<void> {
	await schema
		.createIndex('run_events_setbacks')
		.on('run_events')
		.columns(['run', 'seq'])
		.where(sql`instr(event, '"type":"run-re')`, '>', sql.lit(0))
		.execute();
}
