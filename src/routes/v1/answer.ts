import type { RequestEvent } from '@sveltejs/kit';
import type { z } from 'zod';
import { readCursor } from '#lib/server/http/queries.ts';
import { readBody } from '#lib/server/http/read-body.ts';
import type { Wire } from '#lib/wire/wire.ts';
import { type ReplyTo, waitForReply } from '../reply-of.ts';
import { MAX_SENT } from '../sent-messages.ts';
import { startRun, type WiredAsk } from '../start-run.ts';
import { startAndStream } from '../stream-run.ts';
import { waits } from './openai-api.ts';

interface Answering<Body> {
	ownWire: Wire;
	ask: (body: Body, agent: string) => WiredAsk;
	/** Answers who does not stream, when the run is over; in the background, when it has begun. */
	whole: (replied: ReplyTo) => Response;
}

interface AnyBody {
	stream?: boolean | null | undefined;
	background?: boolean | null | undefined;
}

/** What both of OpenAI's APIs do: start a run, and stream it or wait for its end. */
export async function answer<Body extends AnyBody>(
	event: RequestEvent,
	schema: z.ZodType<Body>,
	{ ownWire, ask, whole }: Answering<Body>
): Promise<Response> {
	const { locals } = event;
	// who goes on with a run sends a body that is not looked at
	if (readCursor(event.request.headers, event.url.searchParams)) {
		return startAndStream(event, ownWire, () => ({}));
	}
	const body = await readBody(event.request, schema, MAX_SENT);
	const asked = ask(body, locals.runs.cast.agents[0] ?? '');
	if (body.stream) return startAndStream(event, ownWire, () => asked);

	const begun = await startRun(event, asked);
	const replied = await waitForReply(event, begun, body.background ? 1 : undefined);
	const response = replied.reply.status === 'paused' ? waits(replied) : whole(replied);
	response.headers.set('x-run-id', begun.runId);
	return response;
}
