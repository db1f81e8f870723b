import { isTerminal, type Numbered } from '#lib/protocol/events.ts';
import { foldInto } from '#lib/protocol/fold.ts';
import type { AssistantMessage, Part, ToolPart } from '#lib/protocol/messages.ts';
import {
	annotationOf,
	contentOf,
	formOf,
	isOver,
	itemId,
	itemOf,
	sourcesAfter,
	type ChatKitItem,
	type Place
} from './chatkit-items.ts';
import { withdrawn } from './failure.ts';
import type { Past, RunStart } from './past.ts';
import type { Wire } from './wire.ts';

/** An event of a ChatKit thread. */
export type ChatKitEvent = { type: string } & Record<string, unknown>;

/** ChatKit's thread events, without what came before the answer. */
export const chatKit: Wire = chatKitFor(() => []);

/**
 * ChatKit's thread events, up to the end of the run or until it waits for a person. Reasoning comes as a whole, because the format would repeat all of it with
 * every piece.
 *
 * @param before what the thread says before the answer, such as that there is a thread
 * @see https://openai.github.io/chatkit-python/
 */
export function chatKitFor(before: (start: RunStart) => ChatKitEvent[]): Wire {
	return {
		name: 'chatkit',
		headers: {},
		recalls: true,
		encode(event, past) {
			const said =
				event.type === 'run-start' ? [...before(past.start), CHATKIT_OPENING] : say(event, past);
			return said.map((value) => ({ data: JSON.stringify(value) }));
		},
		endsAtPause: true
	};
}

/** What every answer begins with, also the rest of one that waited for a person. */
export const CHATKIT_OPENING: ChatKitEvent = {
	type: 'stream_options',
	stream_options: { allow_cancel: true }
};

function say(event: Numbered, past: Past): ChatKitEvent[] {
	const { reply } = past;
	// what was withdrawn is not on the page any more, and does not come back in pieces
	if (reply.retracted !== undefined && !isTerminal(event)) return [];
	switch (event.type) {
		case 'text-start':
		case 'reasoning-start':
		case 'tool-start':
			return begin(event, past);
		case 'text-delta':
			return [content(itemId(reply, event.partId), 'text_delta', { delta: event.delta })];
		case 'text-end':
		case 'reasoning-end':
		case 'tool-end':
		case 'tool-error':
		case 'tool-denied':
			return finish(event, past);
		case 'source':
			return cite(event, past);
		case 'tool-progress':
			return event.message === undefined ? [] : [progress(event.message)];
		case 'agent-switch':
			return [progress(`${event.to} takes over`)];
		case 'run-pause':
			return tools(reply, ({ state }) => state === 'asking').flatMap((part) =>
				items('done', formOf(reply, part, placeOf(past)))
			);
		case 'approval-response': {
			const next = after(event, reply);
			return tools(next, ({ id }) => id === event.callId).flatMap((part) =>
				items('replaced', formOf(next, part, placeOf(past)))
			);
		}
		case 'run-rewind':
			return remove(reply, ({ seq }) => seq > event.toSeq);
		case 'run-retract':
			return [...remove(reply, () => true), notice('danger', withdrawn(event.reason))];
		case 'run-end': {
			const cut =
				event.reason === 'limit' ? [notice('warning', 'The answer ends at its limit.')] : [];
			return [...settle(event, past), ...cut];
		}
		case 'run-error': {
			const { message, retryable: allow_retry } = event;
			return [...settle(event, past), { type: 'error', code: 'custom', message, allow_retry }];
		}
		default:
			return [];
	}
}

type Of<T extends Numbered['type']> = Extract<Numbered, { type: T }>;

function begin(
	event: Of<'text-start' | 'reasoning-start' | 'tool-start'>,
	past: Past
): ChatKitEvent[] {
	const begun: AssistantMessage = { ...past.reply, parts: [] };
	foldInto(begun, event);
	const [part] = begun.parts;
	if (!part) return [];
	const added = itemOf(begun, part, placeOf(past));
	if (part.type !== 'text') return items('added', added);
	const empty = added.map((item) => ({ ...item, content: [] }));
	const section = { content: contentOf(begun, part) };
	return [...items('added', empty), content(itemId(begun, part.id), 'added', section)];
}

function finish(
	event: Of<'text-end' | 'reasoning-end' | 'tool-end' | 'tool-error' | 'tool-denied'>,
	past: Past
): ChatKitEvent[] {
	const id = 'partId' in event ? event.partId : event.callId;
	const reply = after(event, past.reply);
	const part = reply.parts.findLast((one) => one.id === id);
	if (!part) return [];
	const done = items('done', itemOf(reply, part, placeOf(past)));
	if (part.type !== 'text') return done;
	return [content(itemId(reply, id), 'done', { content: contentOf(reply, part) }), ...done];
}

/** Tools that came to no end do not go on either. */
function settle(event: Of<'run-end' | 'run-error'>, past: Past): ChatKitEvent[] {
	const reply = after(event, past.reply);
	if (reply.retracted !== undefined) return [];
	return tools(reply, (part) => !isOver(part)).flatMap((part) =>
		items('done', itemOf(reply, part, placeOf(past)))
	);
}

/** A source stands beside the text before it. */
function cite(event: Of<'source'>, past: Past): ChatKitEvent[] {
	const part = past.reply.parts.findLast(({ type }) => type === 'text');
	if (part?.type !== 'text') return [];
	const id = itemId(past.reply, part.id);
	if (part.closed) {
		const { url, title, seq } = event;
		const source: Part = { type: 'source', id: event.partId, seq, url, title };
		const reply = { ...past.reply, parts: [...past.reply.parts, source] };
		return items('replaced', itemOf(reply, part, placeOf(past)));
	}
	const annotation_index = sourcesAfter(past.reply, part.id).length;
	const annotation = annotationOf(event);
	return [content(id, 'annotation_added', { annotation_index, annotation })];
}

/** The reply with one event more; the past itself must stay as it is. */
function after(event: Numbered, reply: AssistantMessage): AssistantMessage {
	const id = 'partId' in event ? event.partId : 'callId' in event ? event.callId : undefined;
	const parts = reply.parts.map((part) => (part.id === id ? { ...part } : part));
	const next = { ...reply, parts };
	foldInto(next, event);
	return next;
}

function remove(reply: AssistantMessage, gone: (part: Part) => boolean): ChatKitEvent[] {
	return reply.parts
		.filter((part) => part.type !== 'source' && part.type !== 'agent-switch' && gone(part))
		.map(({ id }) => ({ type: 'thread.item.removed', item_id: itemId(reply, id) }));
}

function content(item_id: string, kind: string, fields: object): ChatKitEvent {
	const type = `assistant_message.content_part.${kind}`;
	return { type: 'thread.item.updated', item_id, update: { type, content_index: 0, ...fields } };
}

function items(kind: 'added' | 'done' | 'replaced', list: ChatKitItem[]): ChatKitEvent[] {
	return list.map((item) => ({ type: `thread.item.${kind}`, item }));
}

function tools({ parts }: AssistantMessage, wanted: (part: ToolPart) => boolean): ToolPart[] {
	return parts.filter((part) => part.type === 'tool').filter(wanted);
}

function progress(text: string): ChatKitEvent {
	return { type: 'progress_update', text };
}

function notice(level: 'warning' | 'danger', message: string): ChatKitEvent {
	return { type: 'notice', level, message };
}

function placeOf({ start }: Past): Place {
	return { threadId: start.conversationId, at: start.startedAt ?? 0 };
}
