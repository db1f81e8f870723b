import type {
	AssistantMessage,
	Part,
	TextPart,
	ToolPart,
	UserMessage
} from '#lib/protocol/messages.ts';

/** A question as the page gets it. */
export function question(text: string, id = 'q1'): UserMessage {
	return { id, role: 'user', createdAt: 0, parts: [textPart(text)] };
}

/** A finished answer with this text or these parts, unless `rest` says otherwise. */
export function answer(
	said: string | Part[],
	rest: Partial<AssistantMessage> = {}
): AssistantMessage {
	const parts = typeof said === 'string' ? [textPart(said)] : said;
	return {
		id: 'a1',
		role: 'assistant',
		runId: 'r1',
		agent: 'assistant',
		model: 'demo',
		seq: 9,
		status: 'done',
		parts,
		...rest
	};
}

/** A part of text that is complete. */
export function textPart(text: string, rest: Partial<TextPart> = {}): TextPart {
	return { type: 'text', id: 't1', seq: 2, text, closed: true, ...rest };
}

/** A finished call of `calculate`, unless `rest` says otherwise. */
export function call(rest: Partial<ToolPart> = {}): ToolPart {
	return {
		type: 'tool',
		id: 'c1',
		seq: 3,
		name: 'calculate',
		state: 'done',
		inputText: '',
		input: { expression: '12*7+1' },
		output: { result: 85 },
		durationMs: 12,
		diffs: [],
		...rest
	};
}
