import type { Numbered } from '#lib/protocol/events.ts';
import { foldInto } from '#lib/protocol/fold.ts';
import type { AssistantMessage, Part } from '#lib/protocol/messages.ts';
import { lastWord, REWOUND } from './failure.ts';
import { contentOf, itemOf, outputOf, responseOf, type SpokenPart } from './openai-response.ts';
import { openAiFailure } from './openai-failure.ts';
import type { Past } from './past.ts';
import { waitingFor } from './waiting.ts';
import type { RecallingWire } from './wire.ts';

/** An event of the Responses API, before it has its number. */
type Said = { type: string } & Record<string, unknown>;

/**
 * The events of OpenAI's Responses API. Texts and reasoning are its output items; the agent's own
 * tools are not shown, because a client would take them for calls that it has to answer.
 *
 * @see https://platform.openai.com/docs/api-reference/responses-streaming
 */
export const openaiResponses: RecallingWire = {
	name: 'openai-responses',
	headers: {},
	recalls: true,
	encode: (event, past) => {
		// told again, the run has no pause: what follows it takes the next number, not the one after
		const first = event.type === 'run-pause' ? past.frames - 1 : past.frames;
		return say(event, past).map((said, index) => ({
			event: said.type,
			data: JSON.stringify({ ...said, sequence_number: first + index })
		}));
	},
	last: lastWord,
	endsAtPause: true
};

/** The same for a client that has everything up to that `sequence_number`: what it has is left blank. */
export function openaiResponsesAfter(number: number): RecallingWire {
	return {
		...openaiResponses,
		encode: (event, past) =>
			openaiResponses
				.encode(event, past)
				.map((frame, index) => (past.frames + index > number ? frame : {}))
	};
}

function say(event: Numbered, past: Past): Said[] {
	switch (event.type) {
		case 'run-start':
			return [{ type: 'response.created', response: responseOf(past.start, past.reply) }];
		case 'turn-start':
			if (event.turn > 1) return [];
			return [{ type: 'response.in_progress', response: responseOf(past.start, past.reply) }];
		case 'text-start':
		case 'reasoning-start':
			return begin(event, past);
		case 'text-delta':
		case 'reasoning-delta': {
			const found = find(past.reply, event.partId);
			return found ? [word(found, 'delta', { delta: event.delta })] : [];
		}
		case 'text-end':
		case 'reasoning-end': {
			const found = find(past.reply, event.partId);
			return found ? finish(found) : [];
		}
		case 'run-pause': {
			const { code, message } = openAiFailure(waitingFor(past));
			return [{ type: 'error', code, message, param: null }];
		}
		default:
			return lastWord(event) ? [end(event, past)] : [];
	}
}

function begin(event: Extract<Numbered, { partId: string }>, { reply }: Past): Said[] {
	const type = event.type === 'text-start' ? 'text' : 'reasoning';
	const part = { type, id: event.partId, seq: event.seq, text: '', closed: false } as const;
	const output_index = outputOf(reply).length;
	const empty = { ...itemOf(part), [type === 'text' ? 'content' : 'summary']: [] };
	return [
		{ type: 'response.output_item.added', output_index, item: empty },
		section({ part, output_index }, 'added')
	];
}

function finish({ part, output_index }: Found): Said[] {
	const closed = { part: { ...part, closed: true }, output_index };
	return [
		word(closed, 'done', { text: part.text }),
		section(closed, 'done'),
		{ type: 'response.output_item.done', output_index, item: itemOf(closed.part) }
	];
}

/** A piece of an item's text, or the whole of it. */
function word({ part, output_index }: Found, kind: 'delta' | 'done', said: object): Said {
	const at = { item_id: part.id, output_index };
	return part.type === 'text'
		? { type: `response.output_text.${kind}`, ...at, content_index: 0, ...said, logprobs: [] }
		: { type: `response.reasoning_summary_text.${kind}`, ...at, summary_index: 0, ...said };
}

/** The one section that an item has. */
function section({ part, output_index }: Found, kind: 'added' | 'done'): Said {
	const at = { item_id: part.id, output_index, part: contentOf(part) };
	return part.type === 'text'
		? { type: `response.content_part.${kind}`, ...at, content_index: 0 }
		: { type: `response.reasoning_summary_part.${kind}`, ...at, summary_index: 0 };
}

function end(event: Numbered, { start, reply }: Past): Said {
	if (event.type === 'run-rewind') {
		return { type: 'error', code: 'rewound', message: REWOUND, param: null };
	}
	const ended = { ...reply };
	foldInto(ended, event);
	const response = responseOf(start, ended);
	const { status } = response;
	const name = status === 'completed' || status === 'failed' ? status : 'incomplete';
	return { type: `response.${name}`, response };
}

interface Found {
	part: SpokenPart;
	output_index: number;
}

/** A part of the reply, and its place among those that this wire shows. */
function find({ parts }: AssistantMessage, partId: string): Found | undefined {
	const index = parts.findLastIndex((part) => isSpoken(part) && part.id === partId);
	const part = parts[index];
	if (!part || !isSpoken(part)) return;
	let output_index = 0;
	for (let before = 0; before < index; before++) {
		if (isSpoken(parts[before])) output_index++;
	}
	return { part, output_index };
}

function isSpoken(part: Part | undefined): part is SpokenPart {
	return part?.type === 'text' || part?.type === 'reasoning';
}
