import { afterAll, beforeAll, test } from 'vitest';
import type { RunView } from '#lib/protocol/conversations.ts';
import { follow, textOf } from '../ask.ts';
import { startServer, type TestServer } from '../server.ts';
import { followWithChat } from './follow-with-chat.ts';
import { type Begun, FOLLOWERS } from './followers.ts';
import { STARTERS } from './starters.ts';

const EVERYBODY = { ...FOLLOWERS, "the AI SDK's Chat": followWithChat };
const QUESTION = 'Write 150 words about a river.';
const CUT_AFTER = 60;

let server: TestServer;

beforeAll(async () => {
	server = await startServer();
});
afterAll(() => server.remove());

test.concurrent.for(Object.keys(STARTERS))(
	'a run that %s began is followed by every client: live, cut and resumed, and afterwards',
	{ timeout: 120_000 },
	async (name, { expect }) => {
		const runId = await STARTERS[name]!(server.url, QUESTION);
		const run = (await (await fetch(`${server.url}/api/runs/${runId}`)).json()) as RunView;
		expect(run.status).toBe('running');
		const live = await everybody({ runId, conversationId: run.conversationId });
		const events = await follow(server.url, runId);
		expect(events.at(-1)).toMatchObject({ type: 'run-end', reason: 'done' });

		const whole = textOf(events);
		expect(whole.length).toBeGreaterThan(4 * CUT_AFTER);
		const expected = Object.fromEntries(
			Object.keys(EVERYBODY).map((follower) => [follower, compact(whole)])
		);
		expect(live).toEqual(expected);
		expect(await everybody({ runId, conversationId: run.conversationId })).toEqual(expected);
	}
);

async function everybody(run: Begun): Promise<Record<string, string>> {
	const read = Object.entries(EVERYBODY).map(async ([name, read]) => [
		name,
		compact(await read(server.url, run, CUT_AFTER))
	]);
	return Object.fromEntries(await Promise.all(read)) as Record<string, string>;
}

/** Without white space: some join the texts of a message with a blank line, some do not. */
function compact(text: string): string {
	return text.replaceAll(/\s+/g, '');
}
