import type { Numbered, Setback } from '#lib/protocol/events.ts';
import { badCursor, readCursor } from '#lib/server/http/queries.ts';
import { Refusal } from '#lib/server/http/refuse.ts';
import type { Runs } from '#lib/server/runs/runs.ts';
import type { Config } from '#lib/server/config.ts';
import { type Patience, respond } from '#lib/wire/respond.ts';
import type { Frame } from '#lib/wire/sse.ts';
import { type Standing, untilPause } from '#lib/wire/until-pause.ts';
import type { Wire } from '#lib/wire/wire.ts';
import { withoutVoid } from '#lib/wire/without-void.ts';
import { WIRES } from '#lib/wire/wires.ts';
import type { RequestEvent } from '@sveltejs/kit';
import { startRun, stopperOf, type WiredAsk } from './start-run.ts';

/**
 * What every route that starts a run does: goes on with the run of the request's cursor if there
 * is one, and never starts a second; starts a run otherwise; and answers on the wire that the
 * caller names with `?wire=`, or on the route's own.
 */
export async function startAndStream(
	event: RequestEvent,
	ownWire: string | Wire,
	readAsk: () => WiredAsk | Promise<WiredAsk>
): Promise<Response> {
	const wire = wireFor(event.url, ownWire);
	const cursor = readCursor(event.request.headers, event.url.searchParams);
	if (cursor) return streamFrom(event, wire, cursor.runId, cursor.seq);

	const ask = await readAsk();
	const { runs, config } = event.locals;
	const spoken = ask.wire === undefined ? wire : wireFor(event.url, ask.wire);
	const { runId, repeated, onleave, listener } = await startRun(event, ask);
	if (repeated) {
		listener.leave();
		return streamFrom(event, spoken, runId, 0);
	}
	const begun = { lastSeq: 0, paused: false, after: 0, setbacks: [] };
	const follow = followerOf(runs, runId, spoken, begun);
	const reader = { onleave, oncut: hangUp(event), listener };
	return respond({ runId, follow, after: 0, over: false, ...reader }, spoken, patienceOf(config));
}

/**
 * The rest of a run that waited for the reader's answer, in the protocol that the answer came in:
 * a message of its own there, with its `opening`; or on the wire that `?wire=` names.
 */
export function streamRest(
	event: RequestEvent,
	ownWire: Wire,
	{ runId, after, attached, opening }: Rest
): Promise<Response> {
	const wire = wireFor(event.url, ownWire);
	const said = wire === ownWire ? opening : undefined;
	return streamFrom(event, wire, runId, after, attached, said);
}

interface Rest {
	runId: string;
	after: number;
	/** The reader stops the run by leaving. */
	attached: boolean;
	opening: Frame[];
}

/**
 * Streams a run from after event `after` on.
 *
 * @param attached the reader stops the run by leaving
 * @param opening is said first, to a reader who has answered what the run asked
 * @throws {Refusal} 400 when the caller has no such run, or its log does not reach that far, 429
 */
export async function streamFrom(
	event: RequestEvent,
	wire: Wire,
	runId: string,
	after: number,
	attached = false,
	opening?: Frame[]
): Promise<Response> {
	const { owner, runs, listeners, config } = event.locals;
	const view = await runs.find(owner, runId);
	if (!view || after > view.lastSeq) throw badCursor();
	if (wire.last && after > 0) {
		const read = await eventAt(runs, runId, after);
		if (read && wire.last(read)) return new Response(null, { status: 204 });
	}
	const over = view.status !== 'running' && view.status !== 'paused';
	const { status, lastSeq } = view;
	const paused = status === 'paused' && after < lastSeq;
	const setbacks = wire.tellsVoid ? [] : await runs.setbacks(runId);
	const follow = followerOf(runs, runId, wire, { lastSeq, paused, after, setbacks });
	const reader = {
		onleave: stopperOf(event, runId, attached),
		oncut: hangUp(event),
		listener: listeners.admit(event.locals)
	};
	const followed = { runId, follow, after, over, ...reader, ...(opening && { opening }) };
	return respond(followed, wire, patienceOf(config));
}

function patienceOf({ KEEP_ALIVE_MS: keepAliveMs, STALL_TIMEOUT_MS: stallMs }: Config): Patience {
	return { keepAliveMs, stallMs };
}

/** Ends the connection of a reader that takes nothing: what waits in its socket is let go as well. */
function hangUp({ platform }: RequestEvent): () => void {
	return () => {
		platform?.req.socket.destroy();
	};
}

interface Come extends Standing {
	/** The last event that the reader has. */
	after: number;
	setbacks: Setback[];
}

function followerOf(runs: Runs, runId: string, { endsAtPause }: Wire, come: Come) {
	return (from: number, signal: AbortSignal) => {
		const batches = withoutVoid(runs.follow(runId, from, signal), come.setbacks, come.after);
		return endsAtPause ? untilPause(batches, come) : batches;
	};
}

async function eventAt(runs: Runs, runId: string, seq: number): Promise<Numbered | undefined> {
	for await (const [event] of runs.follow(runId, seq - 1, AbortSignal.timeout(5000))) return event;
}

/** @throws {Refusal} 400 with the list of names when there is no such wire */
export function wireFor(url: URL, ownWire: string | Wire): Wire {
	const name = url.searchParams.get('wire') ?? ownWire;
	if (typeof name !== 'string') return name;
	const wire = Object.hasOwn(WIRES, name) ? WIRES[name] : undefined; // not `constructor`
	if (wire) return wire;
	const names = Object.keys(WIRES).join(', ');
	throw new Refusal(400, 'unknown-wire', `There is no such wire. The wires are: ${names}.`);
}
