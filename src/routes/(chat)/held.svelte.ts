import type { ConversationView } from '#lib/protocol/conversations.ts';
import { Conversation } from '#lib/chat/conversation.svelte.ts';
import { Draft } from '#lib/chat/draft.svelte.ts';
import type { Server } from '#lib/chat/server.ts';

/** What the page holds for the conversation at its address: itself, and what is being typed. */
export class Held {
	readonly conversation: Conversation;
	draft: Draft = $state.raw(new Draft(undefined));

	constructor(server: Server, view?: ConversationView) {
		this.conversation = new Conversation(server, view);
		this.draft = new Draft(view?.id);
	}

	/** The conversation got an id: what was typed since belongs to it. */
	adopt(id: string): void {
		const { text } = this.draft;
		this.draft.text = '';
		this.draft.save();
		this.draft = new Draft(id);
		this.draft.text = text;
	}
}
