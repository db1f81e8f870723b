/**
 * The shapes of ChatKit, written by hand from its protocol: its widget is served from OpenAI's own
 * address and cannot run here. Strict, so that what the protocol does not know is found.
 */
import { z } from 'zod';

const page = <T extends z.ZodType>(item: T) =>
	z.strictObject({ data: z.array(item), has_more: z.boolean(), after: z.string().optional() });

const icon = z.string().optional();
const indicator = z.enum(['none', 'loading', 'complete']);

const annotation = z.strictObject({
	type: z.literal('annotation'),
	source: z.strictObject({ type: z.literal('url'), url: z.url(), title: z.string() }),
	index: z.number().optional()
});

const content = z.strictObject({
	type: z.literal('output_text'),
	text: z.string(),
	annotations: z.array(annotation)
});

const task = z.discriminatedUnion('type', [
	z.strictObject({
		type: z.literal('custom'),
		status_indicator: indicator,
		title: z.string().optional(),
		icon,
		content: z.string().optional()
	}),
	z.strictObject({
		type: z.literal('thought'),
		status_indicator: indicator,
		title: z.string().optional(),
		content: z.string()
	})
]);

const summary = z.union([
	z.strictObject({ title: z.string(), icon }),
	z.strictObject({ duration: z.number() })
]);

const head = { id: z.string().min(1), thread_id: z.string().min(1), created_at: z.iso.datetime() };

export const Item = z.discriminatedUnion('type', [
	z.strictObject({
		...head,
		type: z.literal('user_message'),
		content: z.array(z.strictObject({ type: z.literal('input_text'), text: z.string() })),
		attachments: z.array(z.never()),
		quoted_text: z.string().optional(),
		inference_options: z.strictObject({ model: z.string().optional() })
	}),
	z.strictObject({ ...head, type: z.literal('assistant_message'), content: z.array(content) }),
	z.strictObject({
		...head,
		type: z.literal('workflow'),
		workflow: z.strictObject({
			type: z.enum(['custom', 'reasoning']),
			tasks: z.array(task),
			summary: summary.optional(),
			expanded: z.boolean()
		})
	}),
	z.strictObject({ ...head, type: z.literal('task'), task }),
	z.strictObject({
		...head,
		type: z.literal('structured_input'),
		status: z.enum(['pending', 'answered', 'skipped']),
		inputs: z.array(
			z.strictObject({
				type: z.literal('multiple_choice'),
				id: z.string(),
				question: z.string(),
				options: z.array(z.strictObject({ value: z.string() })),
				multiple: z.boolean(),
				answer: z.strictObject({ values: z.array(z.string()), skipped: z.boolean() }).optional()
			})
		)
	})
]);
export type Item = z.infer<typeof Item>;

export const Thread = z.strictObject({
	id: z.string().min(1),
	title: z.string().optional(),
	created_at: z.iso.datetime(),
	status: z.strictObject({ type: z.enum(['active', 'locked', 'closed']) }),
	metadata: z.record(z.string(), z.unknown()),
	items: page(Item)
});

export const Threads = page(Thread);
export const Items = page(Item);

const part = 'assistant_message.content_part';
const at = { content_index: z.number().int().min(0) };

const update = z.discriminatedUnion('type', [
	z.strictObject({ type: z.literal(`${part}.added`), ...at, content }),
	z.strictObject({ type: z.literal(`${part}.text_delta`), ...at, delta: z.string() }),
	z.strictObject({
		type: z.literal(`${part}.annotation_added`),
		...at,
		annotation_index: z.number().int().min(0),
		annotation
	}),
	z.strictObject({ type: z.literal(`${part}.done`), ...at, content }),
	z.strictObject({
		type: z.enum(['workflow.task.added', 'workflow.task.updated']),
		task_index: z.number().int().min(0),
		task
	})
]);
export type Update = z.infer<typeof update>;

export const Event = z.discriminatedUnion('type', [
	z.strictObject({ type: z.enum(['thread.created', 'thread.updated']), thread: Thread }),
	z.strictObject({
		type: z.enum(['thread.item.added', 'thread.item.done', 'thread.item.replaced']),
		item: Item
	}),
	z.strictObject({ type: z.literal('thread.item.updated'), item_id: z.string(), update }),
	z.strictObject({ type: z.literal('thread.item.removed'), item_id: z.string() }),
	z.strictObject({
		type: z.literal('stream_options'),
		stream_options: z.strictObject({ allow_cancel: z.boolean() })
	}),
	z.strictObject({ type: z.literal('progress_update'), icon, text: z.string() }),
	z.strictObject({
		type: z.literal('error'),
		code: z.enum(['stream.error', 'custom']),
		message: z.string().optional(),
		allow_retry: z.boolean()
	}),
	z.strictObject({
		type: z.literal('notice'),
		level: z.enum(['info', 'warning', 'danger']),
		message: z.string(),
		title: z.string().optional()
	})
]);
export type Event = z.infer<typeof Event>;
