import { Chat } from '@ai-sdk/svelte';
import { DefaultChatTransport, type UIMessage } from 'ai';
import type { Follower } from './followers.ts';

/** Follows with the AI SDK's `Chat`. While a run is under way Chat reads it from its start; afterwards the page loads its messages. */
export const followWithChat: Follower = async (url, { conversationId }, cutAfter) => {
	const load = async () => {
		const response = await fetch(`${url}/api/conversations/${conversationId}`);
		const { messages } = (await response.json()) as { messages: UIMessage[] };
		return messages;
	};
	const chat = new Chat({
		id: conversationId,
		messages: (await load()).filter(({ role }) => role === 'user'),
		transport: new DefaultChatTransport({ api: `${url}/api/chat` })
	});
	const cut = chat.resumeStream();
	while (chat.status !== 'ready' && textOf(chat.lastMessage).length < cutAfter) {
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
	await chat.stop();
	await cut;
	await chat.resumeStream();
	if (chat.lastMessage?.role !== 'assistant') chat.messages = await load();
	return textOf(chat.lastMessage);
};

function textOf(message: UIMessage | undefined): string {
	if (message?.role !== 'assistant') return '';
	return message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
