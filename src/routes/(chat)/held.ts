import type { ConversationView } from '#lib/protocol/conversations.ts';
import { Conversation } from '#lib/chat/conversation.svelte.ts';
import { Draft } from '#lib/chat/draft.svelte.ts';
import type { Server } from '#lib/chat/server.ts';

/** What the page holds for the conversation at its address: itself, and what is being typed. */
export class Held {
	readonly conversation: Conversation;
	readonly draft: Draft;

	constructor(server: Server, view?: ConversationView) {
		this.conversation = new Conversation(server, view);
		this.draft = new Draft(view?.id);
	}
}
