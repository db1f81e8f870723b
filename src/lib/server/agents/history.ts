import { assistant, type AgentInputItem } from '@openai/agents';
import type { AssistantMessage, Message, Part, ToolPart } from '#lib/protocol/messages.ts';
import { textOf } from '#lib/protocol/messages.ts';

/**
 * A conversation as the model is given it: texts, and calls of tools with their results. What was
 * withdrawn and calls that came to no end are left out, because a call without a result is refused.
 */
export function toItems(history: Message[]): AgentInputItem[] {
	const items: AgentInputItem[] = [];
	let calls = 0;
	for (const message of history) {
		if (message.role === 'user') {
			// a plain string: not every server takes a list of pieces
			items.push({ type: 'message', role: 'user', content: textOf(message) });
		} else if (message.retracted === undefined) {
			for (const group of groups(message)) {
				if (group[0]?.type === 'text') items.push(...said(group));
				else items.push(...called(group as ToolPart[], calls));
				calls += group.length;
			}
		}
	}
	return items;
}

/** Runs of text and of calls: calls that stood side by side were made at once. */
function groups(message: AssistantMessage): Part[][] {
	const groups: Part[][] = [];
	for (const part of message.parts) {
		if (part.type === 'text' ? part.text === '' : part.type !== 'tool' || !over(part)) continue;
		const last = groups.at(-1);
		if (last?.[0]?.type === part.type) last.push(part);
		else groups.push([part]);
	}
	return groups;
}

function over({ state }: ToolPart): boolean {
	return state === 'done' || state === 'failed' || state === 'denied';
}

function said(parts: Part[]): AgentInputItem[] {
	return parts.flatMap((part) => (part.type === 'text' ? assistant(part.text) : []));
}

/** Ids are made anew: those of different runs may be the same, and servers want them unique. */
function called(parts: ToolPart[], before: number): AgentInputItem[] {
	const ids = parts.map((_, index) => `past_${String(before + index)}`);
	const calls = parts.map(({ name, input }, index): AgentInputItem => {
		const written = typeof input === 'string' ? input : JSON.stringify(input ?? {});
		return {
			type: 'function_call',
			callId: ids[index] ?? '',
			name,
			arguments: written,
			status: 'completed'
		};
	});
	const results = parts.map((part, index): AgentInputItem => {
		const output = part.state === 'done' ? part.output : (part.message ?? 'It failed.');
		return {
			type: 'function_call_result',
			callId: ids[index] ?? '',
			name: part.name,
			status: 'completed',
			output: {
				type: 'text',
				text: typeof output === 'string' ? output : JSON.stringify(output ?? null)
			}
		};
	});
	return [...calls, ...results];
}
