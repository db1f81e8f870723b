import { json } from '@sveltejs/kit';
import { openAiApi } from '../openai-api.ts';

const created = Math.floor(performance.timeOrigin / 1000);

/** The models that can be asked for, as OpenAI lists them. */
export const GET = openAiApi(({ locals }) => {
	const data = locals.runs.cast.models.map((id) => ({
		id,
		object: 'model',
		created,
		owned_by: 'runnel'
	}));
	return json({ object: 'list', data });
});
