import { createOpenAI } from '@ai-sdk/openai';
import {
	convertToModelMessages,
	pipeUIMessageStreamToResponse,
	stepCountIs,
	streamText,
	tool,
	toUIMessageStream,
	type UIMessage
} from 'ai';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

/**
 * What most people run: the same agent with `streamText` and the AI SDK's own response helper, as
 * its documentation shows it. Nothing is kept: what a reader misses is gone.
 */
const openai = createOpenAI({ apiKey: 'none', baseURL: process.env['OPENAI_BASE_URL'] ?? '' });
const tools = {
	current_time: tool({
		description: 'Tells the date and time in a time zone.',
		inputSchema: z.object({ timeZone: z.string() }),
		execute: ({ timeZone }) => new Date().toLocaleString('en', { timeZone })
	}),
	calculate: tool({
		description: 'Computes an arithmetic expression.',
		inputSchema: z.object({ expression: z.string() }),
		execute: async ({ expression }) =>
			(await import('mathjs/number')).evaluate(expression) as number
	})
};

const server = createServer((request, response) => {
	answer(request, response).catch((cause: unknown) => response.destroy(cause as Error));
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
	const { messages } = (await json(request)) as { messages: UIMessage[] };
	const result = streamText({
		model: openai('gpt-test'),
		instructions: 'You are a helpful assistant.',
		messages: await convertToModelMessages(messages),
		tools,
		stopWhen: stepCountIs(10)
	});
	const stream = toUIMessageStream({ stream: result.stream, tools });
	await pipeUIMessageStreamToResponse({ response, stream });
}

server.listen(0, '127.0.0.1', () => {
	console.log(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
});
