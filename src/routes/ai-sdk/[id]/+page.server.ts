import { error } from '@sveltejs/kit';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params }) => {
	const view = await locals.runs.conversation(locals.owner, params.id);
	if (view) return { view, demo: locals.runs.cast.demo };
	error(404, { code: 'unknown-conversation', message: 'There is no such conversation.' });
};
