import type { Cast } from '#lib/protocol/conversations.ts';
import type { AskRefusal } from './ask.ts';

/** Why a run cannot be started, in a sentence for whoever asked. */
export function whyRefused(code: AskRefusal, { agents, models }: Cast): string {
	switch (code) {
		case 'unknown-conversation':
			return 'There is no such conversation.';
		case 'unknown-parent':
			return 'There is no such message in this conversation to go on from.';
		case 'conversation-busy':
			return 'This conversation is being answered. Wait for the end, or stop it first; nothing was stored.';
		case 'idempotency-mismatch':
			return 'That Idempotency-Key came with another request before.';
		case 'unknown-agent':
			return `There is no such agent. The agents are: ${agents.join(', ')}.`;
		case 'unknown-model':
			return `There is no such model. The models are: ${models.join(', ')}.`;
		case 'too-many-runs':
			return 'As many answers are under way as may be at once. Wait for one to end, or stop one; nothing was stored.';
		case 'shutting-down':
			return 'The server is restarting. Try again in a moment.';
	}
}
