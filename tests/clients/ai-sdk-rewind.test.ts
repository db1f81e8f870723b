import { Chat } from '@ai-sdk/svelte';
import { DefaultChatTransport } from 'ai';
import { expect, test } from 'vitest';
import { isSetback } from '#lib/protocol/events.ts';
import { respond } from '#lib/wire/respond.ts';
import { uiMessage } from '#lib/wire/ui-message.ts';
import { withoutVoid } from '#lib/wire/without-void.ts';
import { transcript } from '../transcripts/transcripts.ts';
import { standing } from './readers.ts';

const { runId, events } = transcript('rewound');

test('Chat is told that it has something void, and has the answer once when it resumes', async () => {
	const transport = new DefaultChatTransport({
		fetch: (_url, init) => tell(init?.method === 'POST' ? 'live' : 'late')
	});
	const chat = new Chat({ transport });
	await chat.sendMessage({ text: 'What time is it?' });
	expect(chat.status).toBe('error');
	expect(chat.error?.message).toContain('void');
	expect(JSON.stringify(chat.messages)).toContain('VOID');

	await chat.resumeStream();
	expect(chat.status).toBe('ready');
	expect(chat.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
	const texts = chat.lastMessage!.parts.filter((part) => part.type === 'text');
	expect(texts.map(({ text }) => text).join('\n\n')).toBe(standing({ events }));
	expect(JSON.stringify(chat.messages)).not.toContain('VOID');
});

/** The run, event by event as it is said, or when all of it has been said. */
function tell(when: 'live' | 'late'): Promise<Response> {
	// eslint-disable-next-line @typescript-eslint/require-await
	const log = async function* () {
		for (const event of events) yield [event];
	};
	const known = when === 'late' ? events.filter(isSetback) : [];
	const follow = () => withoutVoid(log(), known, 0);
	const patience = { keepAliveMs: 60_000, stallMs: 60_000 };
	return respond({ runId, follow, after: 0, over: false }, uiMessage, patience);
}
