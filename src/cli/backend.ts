import type { CastServer, ListServer, Server } from '#lib/chat/server.ts';

/** Where runs are: a server, or this process. The rest of the command line does not know which. */
export interface Backend extends Server, CastServer, Pick<ListServer, 'conversations'> {
	/** How often it says something at least while a run is followed, in milliseconds. */
	keepAliveMs: number;
	/** Its runs go on without us, and others may decide what they wait for. */
	shared: boolean;
	/** Ends what it runs in this process. */
	close(): Promise<void>;
}
