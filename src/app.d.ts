import '@sveltejs/adapter-node'; // what it puts on App.Platform
import type { ConversationView } from '#lib/protocol/conversations.ts';
import type { RefusalCode } from '#lib/protocol/errors.ts';
import type { Config } from '#lib/server/config.ts';
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
		interface Locals {
			/** Who is asking: conversations belong to owners. */
			owner: string;
			/** The user whose bearer token came with the request. */
			user?: string | undefined;
			runs: Runs;
			config: Config;
		}
	}
}
