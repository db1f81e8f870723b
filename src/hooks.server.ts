import { env } from '$env/dynamic/private';
import type { Handle, HandleServerError, ServerInit } from '@sveltejs/kit';
import { createAgents } from '#lib/server/agents/agents.ts';
import { parseConfig, type Config } from '#lib/server/config.ts';
import { guard } from '#lib/server/http/guard.ts';
import { Refusal, refusalResponse } from '#lib/server/http/refuse.ts';
import { Runs } from '#lib/server/runs/runs.ts';
import { openSqliteStore } from '#lib/server/store/sqlite/sqlite-store.ts';

/** Until people can sign in, whoever reaches the server is its one owner. */
const OWNER = 'local';

let config: Config;
let runs: Runs;

// start.ts is another module graph than the built server: this is where the two meet
const SHUTDOWN = Symbol.for('runnel.shutdown');
const shared = globalThis as { [SHUTDOWN]?: () => Promise<void> };

export const init: ServerInit = async () => {
	await shared[SHUTDOWN]?.(); // a development server starts anew in the same process
	config = parseConfig(env);
	const { cast, answer } = createAgents(config);
	const store = await openSqliteStore(config.DATABASE_URL);
	runs = new Runs({ store, answer, cast, flushMs: config.FLUSH_MS });
	await runs.recover();
	shared[SHUTDOWN] = () => runs.shutdown();
};

export const handle: Handle = async ({ event, resolve }) => {
	const isApi = /^\/(api|v1|healthz|chat$)/.test(event.url.pathname);
	try {
		guard(event.request, config);
		if (isApi && event.route.id === null) {
			throw new Refusal(404, 'unknown-route', 'There is nothing at this address.');
		}
	} catch (cause) {
		if (cause instanceof Refusal) return secure(refusalResponse(cause), isApi);
		throw cause;
	}

	event.locals.owner = OWNER;
	event.locals.runs = runs;
	event.locals.config = config;
	return secure(await resolve(event), isApi);
};

export const handleError: HandleServerError = ({ error, event, status, message }) => {
	if (status === 404)
		return { code: 'unknown-route', message: 'There is nothing at this address.' };
	console.error(`${event.request.method} ${event.url.pathname} failed.`, error);
	return { code: 'internal', message };
};

function secure(response: Response, isApi: boolean): Response {
	response.headers.set('x-content-type-options', 'nosniff');
	response.headers.set('referrer-policy', 'no-referrer');
	if (isApi) {
		response.headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
		if (!response.headers.has('cache-control')) {
			response.headers.set('cache-control', 'private, no-store');
		}
	}
	return response;
}
