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
	content?: string;
	done?: boolean;
	event?: string;
	data?: { token?: string };
	choices?: { delta: { content?: string }; finish_reason: string | null }[];
	update?: { type: string; delta?: string };
	item?: { type: string };
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
	},
	// Runnel's other wires that are JSON, to hold them against its own
	'wire:delta': wire('delta', {
		delta: ({ delta }) => delta,
		last: ({ done }) => done === true
	}),
	'wire:typed': wire('typed', {
		delta: ({ type, content }) => (type === 'text' ? content : undefined),
		last: ({ type }) => type === 'done'
	}),
	'wire:steps': wire('steps', {
		delta: ({ data }) => data?.token,
		last: ({ event }) => event === 'on_complete'
	}),
	'wire:ui-message': wire('ui-message', {
		delta: ({ type, delta }) => (type === 'text-delta' ? delta : undefined),
		last: ({ type }) => type === 'finish'
	}),
	'wire:ag-ui': wire('ag-ui', {
		delta: ({ type, delta }) => (type === 'TEXT_MESSAGE_CONTENT' ? delta : undefined),
		last: ({ type }) => type === 'RUN_FINISHED'
	}),
	'wire:openai': wire('openai', {
		delta: ({ choices }) => choices?.[0]?.delta.content,
		last: ({ choices }) => choices?.[0]?.finish_reason === 'stop'
	}),
	'wire:openai-responses': wire('openai-responses', {
		delta: ({ type, delta }) => (type === 'response.output_text.delta' ? delta : undefined),
		last: ({ type }) => type === 'response.completed'
	}),
	'wire:chatkit': wire('chatkit', {
		delta: ({ update }) =>
			update?.type === 'assistant_message.content_part.text_delta' ? update.delta : undefined,
		last: ({ type, item }) => type === 'thread.item.done' && item?.type === 'assistant_message'
	})
} satisfies Record<string, Dialect>;

export type DialectName = keyof typeof DIALECTS;

/** Runnel asked for its answer on one of its wires. */
function wire(name: string, reading: Pick<Dialect, 'delta' | 'last'>): Dialect {
	return { path: `/api/runs?wire=${name}`, body: { text: QUESTION }, numbered: false, ...reading };
}
