import { z } from 'zod';
import { readBody, Text } from '#lib/server/http/read-body.ts';
import { api } from '#lib/server/http/refuse.ts';
import { startAndStream } from '../stream-run.ts';

const Message = z.object({ message: Text });

/** Starts a run and streams it step by step. */
export const POST = api((event) =>
	startAndStream(event, 'steps', async () => {
		const { message } = await readBody(event.request, Message);
		return { text: message };
	})
);
