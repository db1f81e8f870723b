import { z } from 'zod';
import { ConversationId } from '#lib/server/http/queries.ts';
import { listOf } from '#lib/server/http/read-body.ts';

const limit = z.number().int().min(1).max(100).nullish();
const order = z.enum(['asc', 'desc']).nullish();
const after = z.string().max(300).nullish();
const thread_id = ConversationId;
const item_id = z.string().max(300);

const Input = z.object({
	content: listOf(
		z.object({
			type: z.enum(['input_text', 'input_tag'], { error: 'only text can be taken' }),
			text: z.string()
		})
	),
	attachments: z.array(z.unknown()).max(0, 'no attachments can be taken yet').nullish(),
	quoted_text: z.string().nullish(),
	inference_options: z.object({ model: z.string().nullish() }).nullish()
});

/** What a person wrote in ChatKit. */
export type Input = z.infer<typeof Input>;

const Answers = z.object({
	status: z.enum(['answered', 'skipped']),
	answers: z.record(
		z.string(),
		z.object({ values: z.array(z.string()).nullish(), skipped: z.boolean().nullish() })
	)
});

const request = <T extends string, P extends z.ZodRawShape>(type: T, params: P) =>
	z.object({ type: z.literal(type), params: z.object(params) });

/**
 * The requests of ChatKit, all to one address.
 *
 * @see https://openai.github.io/chatkit-python/
 */
export const ChatKitRequest = z.discriminatedUnion(
	'type',
	[
		request('threads.create', { input: Input }),
		request('threads.add_user_message', { thread_id, input: Input }),
		request('threads.retry_after_item', { thread_id, item_id }),
		request('threads.add_structured_input', { thread_id, item_id, input: Answers }),
		request('threads.get_by_id', { thread_id }),
		request('threads.list', { limit, order, after }),
		request('items.list', { thread_id, limit, order, after }),
		request('items.feedback', {
			thread_id,
			item_ids: z.array(item_id).max(100),
			kind: z.enum(['positive', 'negative'])
		}),
		request('threads.update', { thread_id, title: z.string().trim().min(1).max(200) }),
		request('threads.delete', { thread_id }),
		z.object({ type: z.enum(['attachments.create', 'attachments.delete']) }),
		z.object({ type: z.literal('input.transcribe') }),
		// answers to what no agent here has said
		z.object({
			type: z.enum([
				'threads.add_client_tool_output',
				'threads.custom_action',
				'threads.sync_custom_action'
			])
		})
	],
	{ error: 'is no request of ChatKit' }
);

export type ChatKitRequest = z.infer<typeof ChatKitRequest>;
