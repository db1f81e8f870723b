import { badCursor, readCursor, readNumber } from '#lib/server/http/queries.ts';
import { api, Refusal } from '#lib/server/http/refuse.ts';
import { streamFrom, wireFor } from '../../../../stream-run.ts';

/** Follows a run after `Last-Event-ID`, or after event `?after=`, on any wire. */
export const GET = api<{ runId: string }>(async (event) => {
	const { runId } = event.params;
	const { request, url, locals } = event;
	const wire = wireFor(url, 'native');
	if (!(await locals.runs.find(locals.owner, runId))) {
		throw new Refusal(404, 'unknown-run', 'There is no such run.');
	}

	const cursor = readCursor(request.headers, url.searchParams);
	if (cursor && cursor.runId !== runId) throw badCursor();
	return streamFrom(event, wire, runId, cursor?.seq ?? readAfter(url.searchParams));
});

function readAfter(query: URLSearchParams): number {
	try {
		return readNumber(query, 'after', { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER });
	} catch {
		throw badCursor();
	}
}
