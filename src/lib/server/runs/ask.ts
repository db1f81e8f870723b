import { createHash } from 'node:crypto';
import type { Message } from '#lib/protocol/messages.ts';
import type { StartRefused } from '#lib/server/store/store.ts';

/** What a person or a program asks. Without a text, the question `parentId` names is asked again. */
export interface Ask {
	conversationId?: string | undefined;
	/** Make the conversation when the caller has none by that id. */
	create?: boolean | undefined;
	text?: string | undefined;
	/** The client's own id for its question, if it has one. */
	messageId?: string | undefined;
	parentId?: string | null | undefined;
	agent?: string | undefined;
	model?: string | undefined;
	/** What was said before, where the asker keeps the history: handed to the agent, not stored. */
	history?: Message[] | undefined;
	/** What the asker wants beside the agent's own instructions. */
	instructions?: string | undefined;
}

/** `repeated`: the key came before, so that this is the run of an earlier request. */
export interface StartedRun {
	runId: string;
	repeated: boolean;
}

export type AskRefusal =
	StartRefused['code'] | 'unknown-agent' | 'unknown-model' | 'too-many-runs' | 'shutting-down';

const graphemes = new Intl.Segmenter();

/** The first line of a question, short enough for a list. */
export function titleOf(text: string): string {
	const line = text.trim().split(/\r?\n/, 1)[0]?.replaceAll(/\s+/g, ' ') ?? '';
	if (line.length <= 60) return line;
	const letters = Array.from(graphemes.segment(line.slice(0, 400)), (s) => s.segment);
	return letters.length <= 60 ? line : `${letters.slice(0, 59).join('').trimEnd()}…`;
}

/** Tells whether two requests with the same key ask the same. */
export function digestOf(ask: Ask): string {
	const { conversationId, text, parentId, agent, model, instructions, history = [] } = ask;
	// what was given as history has ids of its own at each request
	const given = history.map(({ role, parts }) => [role, parts]);
	// to follow nothing is not to follow the newest, which JSON would write alike
	const parent = parentId === null ? [] : parentId;
	const asked = [conversationId, text, parent, agent, model, instructions, given];
	const digest = createHash('sha256').update(JSON.stringify(asked));
	return digest.digest('base64url');
}
