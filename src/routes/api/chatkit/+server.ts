import { json, type RequestEvent } from '@sveltejs/kit';
import { readCursor } from '#lib/server/http/queries.ts';
import { parse, readBody, Text } from '#lib/server/http/read-body.ts';
import { api, Refusal } from '#lib/server/http/refuse.ts';
import { questionItem } from '#lib/wire/chatkit-items.ts';
import { CHATKIT_OPENING, chatKit, chatKitFor, type ChatKitEvent } from '#lib/wire/chatkit.ts';
import type { RunStart } from '#lib/wire/past.ts';
import { decide } from '../../decide.ts';
import type { WiredAsk } from '../../start-run.ts';
import { startAndStream, streamRest } from '../../stream-run.ts';
import { ChatKitRequest, type Input } from './requests.ts';
import { allItems, findThread, listThreads, pageOf, threadOf } from './threads.ts';

/** All that ChatKit asks of a server of one's own. */
export const POST = api(async (event) => {
	if (readCursor(event.request.headers, event.url.searchParams)) {
		return startAndStream(event, chatKit, () => ({}));
	}
	return answer(event, await readBody(event.request, ChatKitRequest));
});

async function answer(event: RequestEvent, request: ChatKitRequest): Promise<Response> {
	const { locals } = event;
	switch (request.type) {
		case 'threads.create':
			return startAndStream(event, chatKit, () => askOf(request.params.input));
		case 'threads.add_user_message': {
			const { thread_id, input } = request.params;
			return startAndStream(event, chatKit, () => askOf(input, thread_id));
		}
		case 'threads.retry_after_item': {
			const { thread_id: conversationId, item_id: parentId } = request.params;
			return startAndStream(event, chatKit, () => ({ conversationId, parentId, attached: true }));
		}
		case 'threads.add_structured_input': {
			const { thread_id, input } = request.params;
			const decisions = Object.entries(input.answers).map(([id, { values }]) => ({
				id,
				approved: input.status === 'answered' && values?.[0] === 'approve'
			}));
			const { runId, seq } = await decide(locals, thread_id, decisions);
			const opening = [{ data: JSON.stringify(CHATKIT_OPENING) }];
			return streamRest(event, chatKit, { runId, after: seq, attached: true, opening });
		}
		case 'threads.get_by_id': {
			const thread = await findThread(locals, request.params.thread_id);
			return json(threadOf(thread, allItems(thread)));
		}
		case 'threads.list':
			return json(await listThreads(locals, request.params));
		case 'items.list': {
			const thread = await findThread(locals, request.params.thread_id);
			return json(pageOf(allItems(thread), request.params));
		}
		case 'items.feedback': {
			const { thread_id, item_ids, kind } = request.params;
			await findThread(locals, thread_id);
			console.log(`Feedback: ${kind}, thread ${thread_id}, ${JSON.stringify(item_ids)}.`);
			return json({});
		}
		case 'threads.update': {
			const { thread_id, title } = request.params;
			await locals.runs.rename(locals.owner, thread_id, title);
			return json(threadOf(await findThread(locals, thread_id)));
		}
		case 'threads.delete':
			return remove(event, request.params.thread_id);
		case 'attachments.create':
		case 'attachments.delete':
			throw new Refusal(422, 'invalid', 'Attachments cannot be taken yet.');
		case 'input.transcribe':
			throw new Refusal(422, 'invalid', 'Speech cannot be taken yet.');
		default:
			throw new Refusal(422, 'invalid', `${request.type}: no agent here asks for that.`);
	}
}

/** A question, in a new thread or one that is there; the thread is told of it before the answer. */
function askOf({ content, quoted_text, inference_options }: Input, threadId?: string): WiredAsk {
	const said = content.map(({ text }) => text).join('');
	const quote = quoted_text ? `${quoted_text.replaceAll(/^/gm, '> ')}\n\n` : '';
	const text = parse(Text, said.trim() && quote + said, 'params.input.content');
	const messageId = crypto.randomUUID();
	const before = ({ conversationId: id, startedAt: at = 0 }: RunStart): ChatKitEvent[] => {
		const thread = threadOf({ id, title: text.trim().split('\n', 1)[0] ?? '', createdAt: at });
		const item = questionItem(messageId, text, { threadId: id, at });
		const asked = { type: 'thread.item.done', item };
		return threadId === undefined ? [{ type: 'thread.created', thread }, asked] : [asked];
	};
	return {
		text,
		messageId,
		conversationId: threadId,
		model: inference_options?.model ?? undefined,
		wire: chatKitFor(before),
		attached: true
	};
}

async function remove({ locals }: RequestEvent, threadId: string): Promise<Response> {
	const outcome = await locals.runs.remove(locals.owner, threadId);
	if (outcome === 'deleted') return json({});
	if (outcome === 'unknown') await findThread(locals, threadId);
	throw new Refusal(
		409,
		'conversation-busy',
		'This thread is being answered. Stop it first; nothing was deleted.'
	);
}
