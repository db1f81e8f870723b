import type { Cast } from '#lib/protocol/conversations.ts';
import type { Config } from '#lib/server/config.ts';

/** The agent that answers when nobody names another. */
export const ASSISTANT = 'assistant';

/**
 * Who can answer here: a model behind an API if one is configured, else the demo. Apart from the
 * agents themselves, which take long to load.
 */
export function castOf({ OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL }: Config): Cast {
	const demo = OPENAI_API_KEY === undefined && OPENAI_BASE_URL === undefined;
	return { agents: [ASSISTANT], models: [demo ? 'demo' : OPENAI_MODEL], demo };
}
