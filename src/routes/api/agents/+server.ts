import { json } from '@sveltejs/kit';
import { api } from '#lib/server/http/refuse.ts';

/** Who can answer here: the first agent and the first model do when nobody names another. */
export const GET = api(({ locals }) => json(locals.runs.cast));
