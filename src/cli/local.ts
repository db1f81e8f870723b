import { existsSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { debuglog } from 'node:util';
import { Refused } from '#lib/chat/server.ts';
import type { Answer } from '#lib/server/agents/answer.ts';
import { castOf } from '#lib/server/agents/cast.ts';
import { parseConfig, type Config } from '#lib/server/config.ts';
import { whyRefused } from '#lib/server/runs/refusals.ts';
import { Runs } from '#lib/server/runs/runs.ts';
import { haveAlone, joinDatabase } from '#lib/server/store/sqlite/presence.ts';
import { openSqliteStore } from '#lib/server/store/sqlite/sqlite-store.ts';
import type { Backend } from './backend.ts';

/** The one owner of what is asked without a token, here as on a server. */
const OWNER = 'local';
/** In this process nothing can be cut; the longest time that a timer takes. */
const NEVER_MS = 800_000_000;
const PAGE = 30;

/**
 * The agent in this process, on the store that a server in this folder would use.
 *
 * A server that starts meanwhile lets it finish; runs whose process died are closed by whoever
 * finds nobody else at the database.
 */
export async function local(): Promise<Backend> {
	if (existsSync('.env')) process.loadEnvFile('.env');
	// what a server's operator reads in its log would stand in the middle of the answer
	console.error = console.warn = debuglog('runnel');
	const config = parseConfig(process.env);
	const store = await openSqliteStore(config.DATABASE_URL);
	const cast = castOf(config);
	const join = () => joinDatabase(config.DATABASE_URL);
	const runs = new Runs({
		...{ store, answer: lazily(config), cast, flushMs: config.FLUSH_MS },
		quota: { take: join, add: join } // as many as you like, each seen by a server that starts
	});

	const known = async (runId: string) => {
		const run = await runs.find(OWNER, runId);
		if (!run) throw new Refused(404, 'unknown-run', 'There is no such run.');
		return run;
	};
	const tidy = () => runs.closeDead(() => haveAlone(config.DATABASE_URL));
	return {
		keepAliveMs: NEVER_MS,
		shared: false,
		async start(question, key, { signal }) {
			let started = await runs.start(OWNER, question, key);
			if ('refused' in started && started.refused === 'conversation-busy' && (await tidy())) {
				started = await runs.start(OWNER, question, key);
			}
			if (!('refused' in started)) return runs.follow(started.runId, 0, signal);
			const { refused } = started;
			throw new Refused(422, refused, whyRefused(refused, cast));
		},
		async follow(runId, after, { signal }) {
			let { status, lastSeq } = await known(runId);
			if (status === 'running' && (await tidy())) ({ status, lastSeq } = await known(runId));
			const over = status !== 'running' && status !== 'paused' && lastSeq <= after;
			return over ? undefined : runs.follow(runId, after, signal);
		},
		async stop(runId) {
			await known(runId);
			await runs.stop(runId);
		},
		async answer(runId, approvalId, decision) {
			// of those that are refused, what counts is in the log
			await runs.answerApproval(OWNER, runId, approvalId, decision);
		},
		cast: () => Promise.resolve(cast),
		conversations: (before) => runs.conversations(OWNER, PAGE, before),
		async conversation(id) {
			const view = await runs.conversation(OWNER, id);
			if (view) return view;
			const code = 'unknown-conversation';
			throw new Refused(404, code, whyRefused(code, cast));
		},
		close: () => runs.shutdown()
	};
}

/** The agents take longest to load: that a question is asked can be seen before. */
function lazily(config: Config): Answer {
	let agents: Promise<Answer> | undefined;
	return async (question, say, signal) => {
		await setImmediate(); // loading holds up the thread, which has a run-start to show
		agents ??= import('#lib/server/agents/agents.ts').then((room) => room.createAgents(config));
		return (await agents)(question, say, signal);
	};
}
