import '@sveltejs/adapter-node'; // what it puts on App.Platform
import type { ConversationView } from '#lib/protocol/conversations.ts';
import type { RefusalCode } from '#lib/protocol/errors.ts';
import type { Config } from '#lib/server/config.ts';
import type { Listeners } from '#lib/server/http/listeners.ts';
import type { Identity } from '#lib/server/http/whose.ts';
import type { Runs } from '#lib/server/runs/runs.ts';

declare global {
	namespace App {
		interface Error {
			code: RefusalCode;
		}
		interface PageData {
			/** The conversation at the page's address. */
			conversation?: ConversationView;
		}
		/** Who is asking, and what there is to answer with. */
		interface Locals extends Identity {
			runs: Runs;
			listeners: Listeners;
			config: Config;
		}
	}
}
