import type { Numbered } from '#lib/protocol/events.ts';
import { fold } from '#lib/protocol/fold.ts';
import type { AssistantMessage, Message } from '#lib/protocol/messages.ts';

/** The reply that an event begins, if it begins one. */
export function begun(event: Numbered): AssistantMessage | undefined {
	if (event.type !== 'run-start') return undefined;
	const messages: Message[] = [];
	fold(messages, event);
	const [reply] = messages;
	return reply?.role === 'assistant' ? reply : undefined;
}
