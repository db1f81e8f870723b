import type { Cast } from '#lib/protocol/conversations.ts';
import { badCursor, readCursor } from '#lib/server/http/queries.ts';
import { Refusal } from '#lib/server/http/refuse.ts';
import { whyRefused } from '#lib/server/runs/refusals.ts';
import type { Ask, AskRefusal } from '#lib/server/runs/runs.ts';
import type { Listener } from '#lib/wire/respond.ts';
import type { Wire } from '#lib/wire/wire.ts';
import type { RequestEvent } from '@sveltejs/kit';

const MAX_KEY = 255;

const STATUS: Record<AskRefusal, number> = {
	'unknown-conversation': 404,
	'unknown-parent': 422,
	'unknown-agent': 422,
	'unknown-model': 422,
	'conversation-busy': 409,
	'idempotency-mismatch': 422,
	'too-many-runs': 429,
	'shutting-down': 503
};

/** What is asked, and how whoever asks listens. */
export type WiredAsk = Ask & {
	/** The wire that such a request expects, if it is not the route's own. */
	wire?: string | Wire;
	/** Leaving is its way to stop the run, unless the request says `?detached=1`. */
	attached?: boolean;
};

/** A run, and whoever started it. */
export interface Begun {
	runId: string;
	/** An earlier request began it. */
	repeated: boolean;
	/** What is to be done when the one who started it leaves. */
	onleave: () => void;
	/** To be told when nobody listens to this answer any more. */
	listener: Listener;
}

/**
 * Starts a run for a request, or finds the one that its `Idempotency-Key` started before.
 *
 * @throws {Refusal} when it cannot be started
 */
export async function startRun(event: RequestEvent, ask: WiredAsk): Promise<Begun> {
	const { owner, runs, listeners } = event.locals;
	const key = readKey(event.request.headers);
	const listener = listeners.admit(event.locals);
	try {
		const started = await runs.start(owner, ask, key);
		if ('refused' in started) throw refusalFor(started.refused, runs.cast);
		const { runId, repeated } = started;
		const attached = ask.attached === true && !repeated;
		return { runId, repeated, onleave: stopperOf(event, runId, attached), listener };
	} catch (cause) {
		listener.leave();
		throw cause;
	}
}

/**
 * The run of the request's cursor, for a client that takes it in one piece; undefined without one.
 *
 * @throws {Refusal} 400 when that is no place in a run of the caller's, 429
 */
export async function takeUp({ request, url, locals }: RequestEvent): Promise<Begun | undefined> {
	const cursor = readCursor(request.headers, url.searchParams);
	if (!cursor) return;
	const { runId, seq } = cursor;
	const view = await locals.runs.find(locals.owner, runId);
	if (!view || seq > view.lastSeq) throw badCursor();
	const listener = locals.listeners.admit(locals);
	return { runId, repeated: true, onleave: () => undefined, listener };
}

/** Stops a run for a reader whose way to do that is to leave. */
export function stopperOf(
	{ locals, url }: RequestEvent,
	runId: string,
	attached: boolean
): () => void {
	if (!attached || url.searchParams.get('detached') === '1') return () => undefined;
	return () => {
		locals.runs.stop(runId).catch((cause: unknown) => {
			console.error(`Run ${runId} could not be stopped.`, cause);
		});
	};
}

function readKey(headers: Headers): string | undefined {
	const key = headers.get('idempotency-key') ?? undefined;
	if (key === undefined || (key !== '' && key.length <= MAX_KEY)) return key;
	throw new Refusal(
		400,
		'bad-request',
		`Idempotency-Key takes 1 to ${String(MAX_KEY)} characters.`
	);
}

/** Why a run cannot be started, for whoever asked. */
export function refusalFor(code: AskRefusal, cast: Cast): Refusal {
	return new Refusal(STATUS[code], code, whyRefused(code, cast));
}
