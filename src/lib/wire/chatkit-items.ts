import type { AssistantMessage, Message, Part, ToolPart } from '#lib/protocol/messages.ts';

/** An entry of a ChatKit thread. */
export type ChatKitItem = { id: string; type: string } & Record<string, unknown>;

/** The thread that items stand in, and when they came. Milliseconds since 1970. */
export interface Place {
	threadId: string;
	at: number;
}

/** A message as the items of a thread. */
export function itemsOf(message: Message, threadId: string): ChatKitItem[] {
	const place = { threadId, at: message.createdAt ?? 0 };
	if (message.role === 'user') {
		return [questionItem(message.id, message.parts.map(({ text }) => text).join('\n'), place)];
	}
	if (message.retracted !== undefined) return [];
	const items: ChatKitItem[] = [];
	const forms: ChatKitItem[] = [];
	for (const part of message.parts) {
		if (part.type !== 'tool') items.push(...forms.splice(0));
		items.push(...itemOf(message, part, place));
		if (part.type === 'tool') forms.push(...formOf(message, part, place));
	}
	return [...items, ...forms];
}

/** A question, as an item. */
export function questionItem(id: string, text: string, place: Place): ChatKitItem {
	return {
		...head(id, 'user_message', place),
		content: [{ type: 'input_text', text }],
		attachments: [],
		inference_options: {}
	};
}

/** A part of a reply as an item; none for what stands within the item before it. */
export function itemOf(reply: AssistantMessage, part: Part, place: Place): ChatKitItem[] {
	const id = itemId(reply, part.id);
	switch (part.type) {
		case 'text':
			return [{ ...head(id, 'assistant_message', place), content: [contentOf(reply, part)] }];
		case 'reasoning': {
			const status_indicator = part.closed ? 'complete' : 'loading';
			const task = { type: 'thought', status_indicator, content: part.text };
			const workflow = { type: 'reasoning', tasks: [task], expanded: false };
			return [{ ...head(id, 'workflow', place), workflow }];
		}
		case 'tool':
			return [{ ...head(id, 'task', place), task: taskOf(part, reply) }];
		default:
			return [];
	}
}

/** What a person must decide, or has decided, about a tool; none if nobody was asked. */
export function formOf(reply: AssistantMessage, part: ToolPart, place: Place): ChatKitItem[] {
	const { approval, title, name } = part;
	if (!approval) return [];
	const { id, approved } = approval;
	const input = {
		type: 'multiple_choice',
		id,
		question: `May ${title ?? name} be run?`,
		options: [{ value: 'approve' }, { value: 'deny' }],
		multiple: false
	};
	const item = head(itemId(reply, id), 'structured_input', place);
	if (approved === undefined) return [{ ...item, status: 'pending', inputs: [input] }];
	const answer = { values: [approved ? 'approve' : 'deny'], skipped: false };
	return [{ ...item, status: 'answered', inputs: [{ ...input, answer }] }];
}

/** Ids are unique over a thread there, and over a message here. */
export function itemId(reply: AssistantMessage, id: string): string {
	return `${reply.id}:${id}`;
}

/** The text of a part with the sources that follow it. */
export function contentOf(reply: AssistantMessage, { id, text }: { id: string; text: string }) {
	return { type: 'output_text', text, annotations: sourcesAfter(reply, id).map(annotationOf) };
}

/** A source, as ChatKit notes it beside a text. */
export function annotationOf({ url, title }: { url: string; title?: string | undefined }) {
	return { type: 'annotation', source: { type: 'url', url, title: title ?? url } };
}

/** The sources that a reply names after a text and before the next. */
export function sourcesAfter({ parts }: AssistantMessage, textId: string) {
	const from = parts.findLastIndex(({ type, id }) => type === 'text' && id === textId) + 1;
	const to = parts.findIndex(({ type }, index) => index >= from && type === 'text');
	return parts.slice(from, to === -1 ? undefined : to).filter((part) => part.type === 'source');
}

function taskOf({ name, title, state, message }: ToolPart, { status }: AssistantMessage) {
	const lives = status === 'running' || status === 'paused';
	return {
		type: 'custom',
		status_indicator: lives && !isOver({ state }) ? 'loading' : 'complete',
		title: title ?? name,
		...(message === undefined ? {} : { content: message })
	};
}

/** Whether a tool has come to an end. */
export function isOver({ state }: Pick<ToolPart, 'state'>): boolean {
	return state === 'done' || state === 'failed' || state === 'denied';
}

function head(id: string, type: string, { threadId, at }: Place) {
	return { id, thread_id: threadId, created_at: new Date(at).toISOString(), type };
}
