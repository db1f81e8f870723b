import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { readBody } from '#lib/server/http/read-body.ts';
import { api } from '#lib/server/http/refuse.ts';
import { approvalRefused, Reason } from '../../../../../answer-approvals.ts';

const Answer = z.object({ approved: z.boolean(), reason: Reason });

/**
 * Decides what a run asked for. The run goes on, in the same log, when all that it waits for is
 * decided; `open` says how much is not.
 */
export const POST = api<{ runId: string; approvalId: string }>(
	async ({ request, params, locals }) => {
		const { runId, approvalId } = params;
		const answer = await readBody(request, Answer);
		const outcome = await locals.runs.answerApproval(locals.owner, runId, approvalId, answer);
		if (outcome.type === 'refused') throw approvalRefused(outcome);
		const { callId, open } = outcome;
		return json({ runId, approvalId, callId, approved: answer.approved, open });
	}
);
