import { Chat } from '@ai-sdk/svelte';
import { DefaultChatTransport, type UIMessage } from 'ai';
import { expect, test } from 'vitest';
import { isSetback, type Numbered, type Setback } from '#lib/protocol/events.ts';
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
	expect(chat.lastMessage!.parts).toEqual(await undisturbed());
});

/** What `Chat` has of the same run if it never was rewound. */
async function undisturbed(): Promise<UIMessage['parts']> {
	const [rewind] = events.filter((event) => event.type === 'run-rewind');
	const { toSeq, seq: until } = rewind!;
	const stands = events.filter(({ seq }) => seq <= toSeq || seq > until);
	const chat = new Chat({ transport: new DefaultChatTransport({ fetch: () => say(stands) }) });
	await chat.sendMessage({ text: 'What time is it?' });
	return chat.lastMessage!.parts;
}

/** The run, event by event as it is said, or when all of it has been said. */
function tell(when: 'live' | 'late'): Promise<Response> {
	return say(events, when === 'late' ? events.filter(isSetback) : []);
}

function say(events: Numbered[], known: Setback[] = []): Promise<Response> {
	// eslint-disable-next-line @typescript-eslint/require-await
	const log = async function* () {
		for (const event of events) yield [event];
	};
	const follow = () => withoutVoid(log(), known, 0);
	const patience = { keepAliveMs: 60_000, stallMs: 60_000 };
	return respond({ runId, follow, after: 0, over: false }, uiMessage, patience);
}
