import { json } from '@sveltejs/kit';
import { textOf } from '#lib/protocol/messages.ts';
import { api } from '#lib/server/http/refuse.ts';
import { asking, waitingFor } from '#lib/wire/waiting.ts';
import { waitForReply } from '../../../reply-of.ts';
import { requireUser } from '../../../require-user.ts';
import { startRun, takeUp } from '../../../start-run.ts';
import { readMessage } from './message.ts';

/**
 * Answers once, when the run is over: what clients fall back to, also in the middle of a stream, with
 * its cursor. A failed run is 502 with its code, one that waits for a person 409 with what was said
 * and what must be decided.
 */
export const POST = api<{ userId: string }>(async (event) => {
	requireUser(event);
	const begun = (await takeUp(event)) ?? (await startRun(event, await readMessage(event.request)));
	const replied = await waitForReply(event, begun);
	const { start, reply } = replied;
	const ids = { conversation_id: start.conversationId, run_id: begun.runId };

	const { failure, retracted, status } = reply;
	if (status === 'paused') {
		const approvals = asking(replied).map(({ id, name, input, approval }) => ({
			...{ id: approval?.id, call_id: id },
			...{ name, input }
		}));
		const said = { error: waitingFor(replied), response: textOf(reply), approvals };
		return json({ ...said, ...ids }, { status: 409 });
	}
	if (failure) {
		const { code, message } = failure;
		return json({ error: { code, message }, ...ids }, { status: 502 });
	}
	if (retracted !== undefined) {
		const message = `This answer was withdrawn: ${retracted}`;
		return json({ error: { code: 'retracted', message }, ...ids }, { status: 502 });
	}
	return json({ response: textOf(reply), ...ids });
});
