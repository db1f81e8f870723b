import type { DynamicToolUIPart, UIDataTypes, UIMessage, UIMessagePart, UITools } from 'ai';
import type { Usage } from '#lib/protocol/events.ts';
import type {
	AssistantMessage,
	Failure,
	Message,
	MessageStatus,
	Part,
	ToolPart,
	ToolState
} from '#lib/protocol/messages.ts';

/** What a message of the AI SDK carries besides its parts; all but `status` comes over the wire. */
export interface ReplyMetadata {
	runId?: string;
	agent?: string;
	model?: string;
	createdAt?: number | undefined;
	status?: MessageStatus;
	failure?: Failure | undefined;
	usage?: Usage | undefined;
	durationMs?: number | undefined;
}

/** A message as the AI SDK's `Chat` holds it. */
export type ChatMessage = UIMessage<ReplyMetadata>;

type ChatPart = UIMessagePart<UIDataTypes, UITools>;

/** A message of the AI SDK as the components show it. A reply without a status is under way. */
export function fromChat({ id, role, parts, metadata = {} }: ChatMessage): Message {
	if (role === 'user') {
		const texts = parts.filter((part) => part.type === 'text');
		const text = texts.map((part, seq) => textPart('text', seq, part.text, true));
		return { id, role, createdAt: metadata.createdAt ?? 0, parts: text };
	}
	const { runId = '', agent = '', model = '', status = 'running', ...rest } = metadata;
	const { createdAt, failure, usage, durationMs } = rest;
	const reply: AssistantMessage = {
		...{ id, role: 'assistant', runId, agent, model, seq: 0, status, parts: [] },
		...{ createdAt, failure, usage, durationMs }
	};
	for (const [seq, part] of parts.entries()) addPart(reply, part, seq);
	return reply;
}

/** A message of ours as the AI SDK's `Chat` takes it. */
export function toChat(message: Message): ChatMessage {
	const { id, role, createdAt } = message;
	if (role === 'user') {
		return { id, role, metadata: { createdAt }, parts: message.parts.map(toChatPart) };
	}
	const { runId, agent, model, status, failure, usage, durationMs } = message;
	const metadata = { runId, agent, model, createdAt, status, failure, usage, durationMs };
	const parts = message.parts.flatMap((part) => [toChatPart(part), ...extrasOf(part)]);
	if (message.retracted !== undefined) {
		parts.push({ type: 'data-retract', data: { reason: message.retracted } });
	}
	return { id, role, metadata, parts };
}

function addPart(reply: AssistantMessage, part: ChatPart, seq: number): void {
	switch (part.type) {
		case 'text':
		case 'reasoning':
			reply.parts.push(textPart(part.type, seq, part.text, part.state !== 'streaming'));
			break;
		case 'dynamic-tool':
			reply.parts.push(toolPart(part, seq));
			break;
		case 'source-url': {
			const { sourceId: id, url, title } = part;
			reply.parts.push({ type: 'source', id, seq, url, title });
			break;
		}
		case 'data-agent': {
			const { from, to } = part.data as { from: string; to: string };
			reply.parts.push({ type: 'agent-switch', id: `part-${String(seq)}`, seq, from, to });
			break;
		}
		case 'data-retract':
			reply.retracted = (part.data as { reason: string }).reason;
			break;
		case 'data-progress': {
			const { toolCallId, ...progress } = part.data as { toolCallId: string };
			const tool = findTool(reply, toolCallId);
			if (tool) tool.progress = progress;
			break;
		}
		case 'data-diff': {
			const { toolCallId, ...diff } = part.data as { toolCallId: string } & ToolPart['diffs'][0];
			findTool(reply, toolCallId)?.diffs.push(diff);
			break;
		}
	}
}

function textPart<T extends 'text' | 'reasoning'>(
	type: T,
	seq: number,
	text: string,
	closed: boolean
) {
	return { type, id: `part-${String(seq)}`, seq, text, closed };
}

function findTool(reply: AssistantMessage, id: string): ToolPart | undefined {
	return reply.parts.find((part): part is ToolPart => part.type === 'tool' && part.id === id);
}

const STATES: Record<DynamicToolUIPart['state'], ToolState> = {
	'input-streaming': 'input',
	'input-available': 'running',
	'approval-requested': 'asking',
	'approval-responded': 'running',
	'output-available': 'done',
	'output-error': 'failed',
	'output-denied': 'denied'
};

function toolPart(part: DynamicToolUIPart, seq: number): ToolPart {
	const { toolCallId: id, toolName: name, title, approval } = part;
	const result = 'resultProviderMetadata' in part ? part.resultProviderMetadata : undefined;
	const durationMs = result?.['runnel']?.['durationMs'];
	const denied = part.state === 'approval-responded' && !part.approval.approved;
	const state = denied ? 'denied' : STATES[part.state];
	const incomplete = part.state === 'input-streaming' && part.input !== undefined;
	return {
		...{ type: 'tool', id, seq, name, title, state, diffs: [] },
		inputText: incomplete ? JSON.stringify(part.input) : '',
		input: part.state === 'input-streaming' ? undefined : part.input,
		output: part.output,
		message: part.errorText ?? (part.state === 'output-denied' ? approval?.reason : undefined),
		approval: approval && { id: approval.id, approved: approval.approved, reason: approval.reason },
		durationMs: typeof durationMs === 'number' ? durationMs : undefined
	};
}

function toChatPart(part: Part): ChatPart {
	switch (part.type) {
		case 'text':
		case 'reasoning':
			return { type: part.type, text: part.text, state: part.closed ? 'done' : 'streaming' };
		case 'source':
			return { type: 'source-url', sourceId: part.id, url: part.url, title: part.title };
		case 'agent-switch':
			return { type: 'data-agent', data: { from: part.from, to: part.to } };
		case 'tool':
			return toChatTool(part);
	}
}

function toChatTool(part: ToolPart): DynamicToolUIPart {
	const { id: toolCallId, name: toolName, title, input, output, durationMs } = part;
	const { id = toolCallId, reason } = part.approval ?? {};
	const resultProviderMetadata = durationMs === undefined ? undefined : { runnel: { durationMs } };
	const base = { type: 'dynamic-tool' as const, toolCallId, toolName, title };
	switch (part.state) {
		case 'input':
			return { ...base, state: 'input-streaming', input: undefined };
		case 'running': {
			if (!part.approval?.approved) return { ...base, state: 'input-available', input };
			return { ...base, state: 'approval-responded', input, approval: { id, approved: true } };
		}
		case 'asking':
			return { ...base, state: 'approval-requested', input, approval: { id } };
		case 'done':
			return { ...base, state: 'output-available', input, output, resultProviderMetadata };
		case 'failed':
			return {
				...base,
				state: 'output-error',
				input,
				errorText: part.message ?? '',
				resultProviderMetadata
			};
		case 'denied': {
			const approval = { id, approved: false as const, reason: part.message ?? reason };
			return { ...base, state: 'output-denied', input, approval };
		}
	}
}

/** What of a tool call the AI SDK has no place for in its part. */
function extrasOf(part: Part): ChatPart[] {
	if (part.type !== 'tool') return [];
	const { id: toolCallId, progress } = part;
	const said: ChatPart[] = progress
		? [{ type: 'data-progress', id: toolCallId, data: { toolCallId, ...progress } }]
		: [];
	const diffs = part.diffs.map((diff) => ({ type: 'data-diff', data: { toolCallId, ...diff } }));
	return [...said, ...(diffs as ChatPart[])];
}
