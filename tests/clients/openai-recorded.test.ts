import OpenAI, { APIError } from 'openai';
import { describe, expect, test } from 'vitest';
import { fold } from '#lib/protocol/fold.ts';
import type { AssistantMessage, Message } from '#lib/protocol/messages.ts';
import { openaiResponses } from '#lib/wire/openai-responses.ts';
import { openaiWithUsage } from '#lib/wire/openai.ts';
import { respond } from '#lib/wire/respond.ts';
import { untilPause } from '#lib/wire/until-pause.ts';
import type { Wire } from '#lib/wire/wire.ts';
import { transcripts, type Transcript } from '../transcripts/transcripts.ts';

const PATIENCE = { keepAliveMs: 60_000, stallMs: 60_000 };

describe.for(transcripts)('$name', (recorded) => {
	const reply = foldedOf(recorded);
	const texts = reply.parts.flatMap((part) => (part.type === 'text' ? part.text : []));
	const voids = recorded.events.some(({ type }) => type === 'run-rewind');

	test('as a chat completion, by the client’s own reader', async () => {
		const client = clientOf(recorded, openaiWithUsage);
		const stream = client.chat.completions.stream({
			model: 'gpt-test',
			messages: [],
			stream_options: { include_usage: true }
		});
		const completion = stream.finalChatCompletion();
		if (reply.failure || reply.retracted !== undefined || voids) {
			await expect(completion).rejects.toBeInstanceOf(APIError);
			return;
		}
		const { choices, usage } = await completion;
		expect(choices).toMatchObject([
			{
				message: { content: texts.join('') },
				finish_reason: reply.status === 'limit' ? 'length' : 'stop'
			}
		]);
		expect(choices[0]!.message.tool_calls).toBeUndefined();
		expect(usage?.total_tokens).toBe(reply.usage?.totalTokens);
	});

	test('as a response, by the client’s own reader', async () => {
		const client = clientOf(recorded, openaiResponses);
		const stream = client.responses.stream({ model: 'gpt-test', input: 'Hello' });
		const numbers: number[] = [];
		const said: string[] = [];
		stream.on('event', (event) => {
			numbers.push(event.sequence_number);
			if (event.type === 'response.output_text.delta') {
				said[event.output_index] = (said[event.output_index] ?? '') + event.delta;
			}
		});
		if (voids) {
			await expect(stream.finalResponse()).rejects.toBeInstanceOf(APIError);
			return;
		}
		const final = await stream.finalResponse();
		expect(numbers).toEqual(numbers.map((_, index) => index));
		expect(final.output.map(({ type }) => type)).toEqual(
			reply.retracted === undefined ? reply.parts.flatMap(({ type }) => KINDS[type] ?? []) : []
		);
		expect(final.output_text).toBe(reply.retracted === undefined ? texts.join('') : '');
		expect(final.status).toBe(STATUS[reply.retracted === undefined ? reply.status : 'limit']);
		// what came in pieces stands where the whole has it
		for (const [index, item] of final.output.entries()) {
			if (item.type === 'message') {
				expect(item.content).toMatchObject([{ text: said[index] ?? '' }]);
			}
		}
	});
});

const KINDS: Record<string, string> = { text: 'message', reasoning: 'reasoning' };

const STATUS: Record<AssistantMessage['status'], string> = {
	running: 'in_progress',
	paused: 'in_progress',
	done: 'completed',
	limit: 'incomplete',
	stopped: 'cancelled',
	failed: 'failed'
};

/** A client that gets this recording, event by event, whatever it asks, when its pauses are over. */
function clientOf({ runId, events }: Transcript, wire: Wire): OpenAI {
	// eslint-disable-next-line @typescript-eslint/require-await
	const follow = async function* () {
		for (const event of events) yield [event];
	};
	const told = () => untilPause(follow(), { lastSeq: events.length, paused: false });
	const fetch = () => respond({ runId, follow: told, after: 0, over: false }, wire, PATIENCE);
	return new OpenAI({ apiKey: 'none', fetch, maxRetries: 0 });
}

function foldedOf({ events }: Transcript): AssistantMessage {
	const messages: Message[] = [];
	for (const event of events) fold(messages, event);
	return messages[0] as AssistantMessage;
}
