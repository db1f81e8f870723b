import { z } from 'zod';
import { Refusal } from './refuse.ts';

/** A conversation's id, as a client may choose it. */
export const ConversationId = z
	.string()
	.regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, hyphens or underscores');

/**
 * A whole number from a query, or `fallback` when it is not given.
 *
 * @throws {Refusal} 400 when it is none, or outside `min` and `max`
 */
export function readNumber(
	query: URLSearchParams,
	name: string,
	{ fallback, min, max }: { fallback: number; min: number; max: number }
): number {
	const text = query.get(name);
	if (text === null) return fallback;
	const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
	if (value >= min && value <= max) return value;
	throw new Refusal(
		400,
		'bad-request',
		`${name} must be a whole number from ${String(min)} to ${String(max)}.`
	);
}

/**
 * The place in a run's log that a client has read up to, from `Last-Event-ID` or `?lastEventId=`.
 *
 * @throws {Refusal} 400 when it is no cursor
 */
export function readCursor(
	headers: Headers,
	query: URLSearchParams
): { runId: string; seq: number } | undefined {
	const text = headers.get('last-event-id') ?? query.get('lastEventId');
	if (text === null || text === '') return;
	const [, runId, seq] = /^([\w-]{1,64}):(\d{1,15})$/.exec(text) ?? [];
	if (runId === undefined || seq === undefined || Number(seq) === 0) throw badCursor();
	return { runId, seq: Number(seq) };
}

export function badCursor(): Refusal {
	return new Refusal(
		400,
		'bad-cursor',
		'That is not a place in this run: a cursor is the id of an event that was received.'
	);
}
