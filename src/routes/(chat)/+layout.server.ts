import { themeOf } from '../theme.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async ({ locals, cookies }) => ({
	conversations: await locals.runs.conversations(locals.owner, 30),
	cast: locals.runs.cast,
	folded: cookies.get('sidebar') === 'folded',
	theme: themeOf(cookies)
});
