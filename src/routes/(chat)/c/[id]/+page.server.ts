import { error } from '@sveltejs/kit';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ params, locals }) => {
	const conversation = await locals.runs.conversation(locals.owner, params.id);
	if (conversation) return { conversation };
	error(404, {
		code: 'unknown-conversation',
		message: 'There is no such conversation. It may have been deleted.'
	});
};
