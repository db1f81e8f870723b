import { api } from '#lib/server/http/refuse.ts';
import { requireUser } from '../../../../require-user.ts';
import { startAndStream } from '../../../../stream-run.ts';
import { readMessage } from '../message.ts';

/** Starts a run of the user whose token comes with it, and streams it. */
export const POST = api<{ userId: string }>((event) => {
	requireUser(event);
	return startAndStream(event, 'typed', () => readMessage(event.request));
});
