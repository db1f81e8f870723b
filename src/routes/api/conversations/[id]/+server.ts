import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { readBody } from '#lib/server/http/read-body.ts';
import { api, Refusal } from '#lib/server/http/refuse.ts';

const Rename = z.object({ title: z.string().trim().min(1, 'must not be empty').max(200) });

/** A conversation with its newest branch, replies under way as far as they are. */
export const GET = api<{ id: string }>(async ({ params, locals }) => {
	const conversation = await locals.runs.conversation(locals.owner, params.id);
	if (!conversation) throw unknownConversation();
	return json(conversation);
});

/** Gives it another title. */
export const PATCH = api<{ id: string }>(async ({ params, request, locals }) => {
	const { title } = await readBody(request, Rename);
	if (!(await locals.runs.rename(locals.owner, params.id, title))) throw unknownConversation();
	return new Response(null, { status: 204 });
});

/** Deletes it with all that was said in it. */
export const DELETE = api<{ id: string }>(async ({ params, locals }) => {
	const outcome = await locals.runs.remove(locals.owner, params.id);
	if (outcome === 'unknown') throw unknownConversation();
	if (outcome === 'busy') {
		throw new Refusal(
			409,
			'conversation-busy',
			'This conversation is being answered. Stop it first; nothing was deleted.'
		);
	}
	return new Response(null, { status: 204 });
});

function unknownConversation(): Refusal {
	return new Refusal(404, 'unknown-conversation', 'There is no such conversation.');
}
