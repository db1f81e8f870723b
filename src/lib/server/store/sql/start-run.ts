import type { Numbered } from '#lib/protocol/events.ts';
import type { AssistantMessage, Message, UserMessage } from '#lib/protocol/messages.ts';
import type { Kysely } from 'kysely';
import type { Repeated, RunDraft, Started, StartRefused } from '../store.ts';
import { bodyOf, branch, newest } from './branch.ts';
import { type MessageRow, OPEN, type Tables } from './schema.ts';

/**
 * `Store.startRun` inside a transaction. It looks at everything before it changes anything, so a
 * refusal leaves the transaction fit to be committed.
 */
export async function startRun(
	db: Kysely<Tables>,
	draft: RunDraft
): Promise<Started | Repeated | StartRefused> {
	const { key, owner, conversationId, create, now } = draft;
	if (key) {
		const earlier = await db
			.selectFrom('runs')
			.select(['id', 'digest'])
			.where('owner', '=', owner)
			.where('key', '=', key.value)
			.executeTakeFirst();
		if (earlier && earlier.digest !== key.digest) return refused('idempotency-mismatch');
		if (earlier) return { type: 'repeated', runId: earlier.id };
	}

	const found = await db
		.selectFrom('conversations')
		.select('number')
		.where('owner', '=', owner)
		.where('id', '=', conversationId)
		.executeTakeFirst();
	if (!found && !create) return refused('unknown-conversation');
	if (found && (await busy(db, found.number))) return refused('conversation-busy');

	const place = await findPlace(db, found?.number, draft);
	if (!place) return refused('unknown-parent');

	const conversation = found?.number ?? (await insertConversation(db, draft));
	if (found) {
		await db
			.updateTable('conversations')
			.set({ updated_at: now })
			.where('number', '=', conversation)
			.execute();
	}
	return insertRun(db, draft, conversation, place);
}

/** Whether a run is under way in a conversation. */
export async function busy(db: Kysely<Tables>, conversation: number): Promise<boolean> {
	const open = await db
		.selectFrom('runs')
		.select('number')
		.where('conversation', '=', conversation)
		.where('status', 'in', OPEN)
		.executeTakeFirst();
	return open !== undefined;
}

/** The message to follow (none at the root of a conversation), and the question if it is stored. */
interface Place {
	parent?: MessageRow | undefined;
	question?: MessageRow | undefined;
}

async function findPlace(
	db: Kysely<Tables>,
	conversation: number | undefined,
	{ question, parentId }: RunDraft
): Promise<Place | undefined> {
	if (question && parentId === null) return {};
	const message = conversation ? await findMessage(db, conversation, parentId) : undefined;
	if (question) return message || parentId === undefined ? { parent: message } : undefined;
	if (message?.role !== 'assistant') return message && { question: message };

	const asked = await db
		.selectFrom('messages')
		.selectAll()
		.where('number', '=', message.parent)
		.executeTakeFirst();
	return asked && { question: asked };
}

async function findMessage(
	db: Kysely<Tables>,
	conversation: number,
	id: string | null | undefined
): Promise<MessageRow | undefined> {
	if (id === null) return;
	if (id === undefined) return newest(db, conversation);
	return db
		.selectFrom('messages')
		.selectAll()
		.where('conversation', '=', conversation)
		.where('id', '=', id)
		.executeTakeFirst();
}

async function insertConversation(db: Kysely<Tables>, draft: RunDraft): Promise<number> {
	const { owner, conversationId: id, title, now } = draft;
	const { number } = await db
		.insertInto('conversations')
		.values({ owner, id, title: title.toWellFormed(), created_at: now, updated_at: now })
		.returning('number')
		.executeTakeFirstOrThrow();
	return number;
}

async function insertRun(
	db: Kysely<Tables>,
	draft: RunDraft,
	conversation: number,
	{ parent, question }: Place
): Promise<Started> {
	const { owner, conversationId, runId, messageId, agent, model, key, now } = draft;
	const history = await historyOf(db, (question ?? parent)?.number);
	let asked = question?.number;
	if (asked === undefined) {
		const message = userMessage(draft, parent?.id);
		history.push(message);
		asked = await insertMessage(db, conversation, parent?.number, message);
	}

	const message: AssistantMessage = {
		id: messageId,
		role: 'assistant',
		parentId: history.at(-1)?.id,
		createdAt: now,
		runId,
		agent,
		model,
		seq: 1,
		status: 'running',
		parts: []
	};
	const reply = await insertMessage(db, conversation, asked, message);
	const epoch = 1;
	const { number: run } = await db
		.insertInto('runs')
		.values({
			id: runId,
			owner,
			conversation,
			message: reply,
			status: 'running',
			epoch,
			key: key?.value ?? null,
			digest: key?.digest ?? null,
			started_at: now
		})
		.returning('number')
		.executeTakeFirstOrThrow();

	const start: Numbered = {
		seq: 1,
		type: 'run-start',
		runId,
		conversationId,
		messageId,
		agent,
		model,
		startedAt: now
	};
	await db
		.insertInto('run_events')
		.values({ run, seq: 1, event: JSON.stringify(start) })
		.execute();
	return { type: 'started', epoch, history, message, start };
}

function historyOf(db: Kysely<Tables>, last: number | undefined): Promise<Message[]> {
	return last === undefined ? Promise.resolve([]) : branch(db, last);
}

function userMessage({ question, now }: RunDraft, parentId?: string): UserMessage {
	const { id, text } = question ?? { id: '', text: '' };
	return {
		id,
		role: 'user',
		parentId,
		createdAt: now,
		parts: [{ type: 'text', id: 'text', seq: 0, text, closed: true }]
	};
}

async function insertMessage(
	db: Kysely<Tables>,
	conversation: number,
	parent: number | undefined,
	message: Message
): Promise<number> {
	const { id, role, createdAt = 0 } = message;
	const { number } = await db
		.insertInto('messages')
		.values({
			conversation,
			id,
			role,
			parent: parent ?? null,
			created_at: createdAt,
			body: bodyOf(message)
		})
		.returning('number')
		.executeTakeFirstOrThrow();
	return number;
}

function refused(code: StartRefused['code']): StartRefused {
	return { type: 'refused', code };
}
