import type { Numbered } from './events.ts';
import type { AssistantMessage, Message, Part, ToolPart } from './messages.ts';

/**
 * Folds one event of the newest run into a conversation, in place: a start appends a reply, the
 * rest grow it. An event that is in already is skipped, so folding twice equals folding once.
 *
 * The server folds into plain objects, the browser into a `$state` proxy: same function, so the
 * two can never disagree about what was said. Events it does not know are skipped, because an
 * older tab must survive a newer server. The work is constant, however long the answer is.
 */
export function fold(messages: Message[], event: Numbered): void {
	const last = messages.at(-1);
	if (event.type === 'run-start') {
		if (last?.id === event.messageId) return;
		const { runId, messageId: id, agent, model, seq } = event;
		const parentId = last?.id;
		messages.push({
			id,
			role: 'assistant',
			parentId,
			runId,
			agent,
			model,
			seq,
			status: 'running',
			parts: []
		});
		return;
	}
	if (last?.role === 'assistant') foldInto(last, event);
}

/** Folds one event of its own run, after the start, into a reply. */
export function foldInto(reply: AssistantMessage, event: Numbered): void {
	if (event.seq <= reply.seq) return;
	reply.seq = event.seq;
	const { seq } = event;

	switch (event.type) {
		case 'text-start':
			reply.parts.push({ type: 'text', id: event.partId, seq, text: '', closed: false });
			break;
		case 'reasoning-start':
			reply.parts.push({ type: 'reasoning', id: event.partId, seq, text: '', closed: false });
			break;
		case 'text-delta': {
			const part = find(reply, 'text', event.partId);
			if (part) part.text += event.delta;
			break;
		}
		case 'reasoning-delta': {
			const part = find(reply, 'reasoning', event.partId);
			if (part) part.text += event.delta;
			break;
		}
		case 'text-end': {
			const part = find(reply, 'text', event.partId);
			if (part) part.closed = true;
			break;
		}
		case 'reasoning-end': {
			const part = find(reply, 'reasoning', event.partId);
			if (part) part.closed = true;
			break;
		}
		case 'source': {
			const { partId: id, url, title } = event;
			reply.parts.push({ type: 'source', id, seq, url, title });
			break;
		}
		case 'agent-switch': {
			const { from, to } = event;
			reply.parts.push({ type: 'agent-switch', id: `switch-${String(seq)}`, seq, from, to });
			break;
		}
		case 'run-pause':
			reply.status = 'paused';
			break;
		case 'run-retract':
			reply.retracted = event.reason;
			break;
		case 'run-rewind':
			reply.parts.splice(firstAfter(reply.parts, event.toSeq));
			reply.status = 'running';
			reply.retracted = undefined;
			break;
		case 'run-end':
			reply.status = event.reason;
			reply.usage = event.usage;
			reply.durationMs = event.durationMs;
			break;
		case 'run-error': {
			const { code, message, retryable, durationMs } = event;
			reply.status = 'failed';
			reply.failure = { code, message, retryable };
			reply.durationMs = durationMs;
			break;
		}
		case 'tool-start': {
			const { callId: id, name, title } = event;
			const part: ToolPart = {
				type: 'tool',
				id,
				seq,
				name,
				title,
				state: 'input',
				inputText: '',
				diffs: []
			};
			reply.parts.push(part);
			break;
		}
		default:
			foldTool(reply, event);
	}
}

function foldTool(reply: AssistantMessage, event: Numbered): void {
	if (!('callId' in event)) return;
	const part = find(reply, 'tool', event.callId);
	if (!part) return;

	switch (event.type) {
		case 'tool-input-delta':
			part.inputText += event.delta;
			break;
		case 'tool-input':
			part.input = event.input;
			part.inputText = '';
			part.state = 'running';
			break;
		case 'tool-progress':
			part.progress = { message: event.message, fraction: event.fraction };
			break;
		case 'tool-diff': {
			const { path, patch, added, removed } = event;
			part.diffs.push({ path, patch, added, removed });
			break;
		}
		case 'tool-end':
			part.state = 'done';
			part.output = event.output;
			part.durationMs = event.durationMs;
			break;
		case 'tool-error':
			part.state = 'failed';
			part.message = event.message;
			part.durationMs = event.durationMs;
			break;
		case 'tool-denied':
			part.state = 'denied';
			part.message = event.reason;
			break;
		case 'approval-request':
			part.state = 'asking';
			part.approval = { id: event.approvalId };
			break;
		case 'approval-response': {
			const { approvalId: id, approved, reason } = event;
			part.approval = { id, approved, reason };
			part.state = approved ? 'running' : 'denied';
			if (!approved) part.message = reason;
			if (!reply.parts.some(isAsking)) reply.status = 'running';
			break;
		}
	}
}

/** The newest part of that kind and id; it is nearly always the last one. */
function find<T extends Part['type']>(reply: AssistantMessage, type: T, id: string) {
	return reply.parts.findLast(
		(part): part is Extract<Part, { type: T }> => part.type === type && part.id === id
	);
}

function isAsking(part: Part): boolean {
	return part.type === 'tool' && part.state === 'asking';
}

function firstAfter(parts: Part[], seq: number): number {
	const index = parts.findIndex((part) => part.seq > seq);
	return index === -1 ? parts.length : index;
}
