/** How to ask a server of the bench, and how to understand one of its events. */
export interface Dialect {
	path: string;
	body: unknown;
	/** What the event adds to the text. */
	delta(event: Fields): string | undefined;
	/** The event is the last one of a whole answer. */
	last(event: Fields): boolean;
	/** The events carry a `seq` that begins at 1 and never skips. */
	numbered: boolean;
}

/** An event as JSON has it. */
export interface Fields {
	type?: string;
	delta?: string;
	seq?: number;
	reason?: string;
}

const QUESTION = 'Tell me something, at length.';

/** By name, because the load runs in a process of its own. */
export const DIALECTS = {
	responses: {
		path: '/responses',
		body: { model: 'gpt-test', input: QUESTION, stream: true },
		delta: ({ type, delta }) => (type === 'response.output_text.delta' ? delta : undefined),
		last: ({ type }) => type === 'response.completed',
		numbered: false
	},
	'ui-message': {
		path: '/',
		body: {
			messages: [{ id: 'question', role: 'user', parts: [{ type: 'text', text: QUESTION }] }]
		},
		delta: ({ type, delta }) => (type === 'text-delta' ? delta : undefined),
		last: ({ type }) => type === 'finish',
		numbered: false
	},
	native: {
		path: '/api/runs',
		body: { text: QUESTION },
		delta: ({ type, delta }) => (type === 'text-delta' ? delta : undefined),
		last: ({ type, reason }) => type === 'run-end' && reason === 'done',
		numbered: true
	}
} satisfies Record<string, Dialect>;

export type DialectName = keyof typeof DIALECTS;
