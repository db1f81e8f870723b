import { env } from '$env/dynamic/private';
import type { Handle, HandleServerError, ServerInit } from '@sveltejs/kit';
import { createAgents } from '#lib/server/agents/agents.ts';
import { castOf } from '#lib/server/agents/cast.ts';
import { bearerCheck, type CheckBearer } from '#lib/server/auth/bearer.ts';
import { parseConfig, type Config } from '#lib/server/config.ts';
import { answerPreflight, shareAnswer } from '#lib/server/http/cors.ts';
import { guard } from '#lib/server/http/guard.ts';
import { Listeners } from '#lib/server/http/listeners.ts';
import { Refusal, refusalResponse } from '#lib/server/http/refuse.ts';
import { whose } from '#lib/server/http/whose.ts';
import { Quota } from '#lib/server/quota.ts';
import { Runs } from '#lib/server/runs/runs.ts';
import { methodNotAllowed } from './routes/method-not-allowed.ts';
import { refused as refusedAsOpenAi } from './routes/v1/openai-api.ts';
import { Sockets } from './routes/api/ws/sockets.ts';
import { themeOf } from './routes/theme.ts';
import { claimDatabase, keepOut } from '#lib/server/store/sqlite/presence.ts';
import { openSqliteStore } from '#lib/server/store/sqlite/sqlite-store.ts';

let config: Config;
let runs: Runs;
let listeners: Listeners;
let checkBearer: CheckBearer | undefined;

// start.ts is another module graph than the built server: this is where the two meet
const SHUTDOWN = Symbol.for('runnel.shutdown');
const UPGRADE = Symbol.for('runnel.upgrade');
const shared = globalThis as {
	[SHUTDOWN]?: () => Promise<void>;
	[UPGRADE]?: Sockets['upgrade'];
};

export const init: ServerInit = async () => {
	await shared[SHUTDOWN]?.(); // a development server starts anew in the same process
	config = parseConfig(env);
	checkBearer = bearerCheck(config);
	const answer = createAgents(config);
	const release = claimDatabase(config.DATABASE_URL);
	const store = await openSqliteStore(config.DATABASE_URL, giveUp);
	// without tokens there is one owner, to whom all of the server belongs
	const each = (cap: number) => (checkBearer ? cap : Infinity);
	const quota = new Quota({ each: each(config.MAX_RUNS_PER_OWNER), all: config.MAX_RUNS });
	listeners = new Listeners({ each: each(config.MAX_STREAMS_PER_OWNER), all: config.MAX_STREAMS });
	runs = new Runs({ store, answer, cast: castOf(config), quota, flushMs: config.FLUSH_MS });
	await runs.recover(() => keepOut(config.DATABASE_URL));

	const identify = (headers: Headers) => whose(headers, checkBearer);
	const sockets = new Sockets({ runs, listeners, gate: config, identify });
	shared[UPGRADE] = sockets.upgrade;
	shared[SHUTDOWN] = async () => {
		await runs.shutdown();
		sockets.close();
		release();
	};
};

export const handle: Handle = async ({ event, resolve }) => {
	const { request, url, locals } = event;
	const isOpenAi = url.pathname.startsWith('/v1/');
	const refuse = isOpenAi ? refusedAsOpenAi : refusalResponse;
	const isApi = /^\/(api|v1|healthz|chat$)/.test(url.pathname);
	const finish = (response: Response) => {
		if (isApi) shareAnswer(response.headers, request.headers, config);
		return secure(response, isApi);
	};

	try {
		guard(request, config);
		const preflight = isApi && answerPreflight(request, config);
		if (preflight) return finish(preflight);
		if (isApi && event.route.id === null) {
			throw new Refusal(404, 'unknown-route', 'There is nothing at this address.');
		}
		// /v1 has keys of its own in the same header
		const check = isOpenAi ? undefined : checkBearer;
		Object.assign(locals, await whose(request.headers, check));
	} catch (cause) {
		if (!(cause instanceof Refusal)) throw cause;
		return finish(refuse(cause));
	}

	locals.runs = runs;
	locals.listeners = listeners;
	locals.config = config;
	const transformPageChunk = ({ html }: { html: string }) => {
		const theme = themeOf(event.cookies);
		return html.replace('%theme%', theme === 'system' ? '' : `data-theme="${theme}"`);
	};
	let response = await resolve(event, { transformPageChunk });
	if (request.method === 'HEAD' && response.body) {
		await response.body.cancel(); // Node would follow a run to its end, and send nothing of it
		response = new Response(null, response);
	}
	if (isApi && response.status === 405) {
		// Kit says so in plain text
		response = methodNotAllowed(response.headers.get('allow') ?? '', refuse)();
	}
	return finish(response);
};

export const handleError: HandleServerError = ({ error, event, status, message }) => {
	if (status === 404)
		return { code: 'unknown-route', message: 'There is nothing at this address.' };
	console.error(`${event.request.method} ${event.url.pathname} failed.`, error);
	return { code: 'internal', message };
};

/** An answer to who waits for a write would be a guess: they come again, and the next start knows. */
function giveUp(death: Error): never {
	console.error(
		'The server ends, because its database can no longer be written. Start it again: everything that was seen is on disk.',
		death
	);
	process.exit(1);
}

function secure(response: Response, isApi: boolean): Response {
	response.headers.set('x-content-type-options', 'nosniff');
	response.headers.set('referrer-policy', 'no-referrer');
	// a page that was kept would come back as it was, with what was said since left out
	if (!response.headers.has('cache-control')) {
		response.headers.set('cache-control', 'private, no-store');
	}
	if (isApi) {
		response.headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
	}
	return response;
}
