import { RunContext, RunState, type Agent, type RunToolApprovalItem } from '@openai/agents';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Decision, Paused } from './answer.ts';
import type { SoFar } from './heard-model.ts';
import type { OpenCall, ToolContext, ToolWatch } from './tool-watch.ts';

/**
 * What an answer that pauses leaves for whoever goes on with it: the SDK's state, and what the SDK
 * does not keep. Neither holds more than the conversation does.
 */
export interface Saved {
	sdk: string;
	instructions?: string | undefined;
	soFar: SoFar;
	/** Calls that have not come to an end. */
	open: OpenCall[];
}

/** How an answer ends that has come to calls which a person must allow. */
export function pause(calls: RunToolApprovalItem[], saved: Saved): Paused {
	return {
		reason: 'paused',
		usage: saved.soFar.usage,
		state: JSON.stringify(saved),
		approvals: calls.map((call) => ({ id: randomUUID(), callId: callIdOf(call) }))
	};
}

/** Takes apart what `pause` left. */
export function unpack(state: string): Saved {
	return JSON.parse(state) as Saved;
}

/** The SDK's state as it was, with what the person has decided meanwhile. */
export async function restore(
	agent: Agent<ToolContext>,
	{ sdk, open }: Saved,
	decisions: Decision[],
	watch: ToolWatch
): Promise<RunState<ToolContext, Agent<ToolContext>>> {
	// functions cannot be stored, so the context is given anew
	const context = new RunContext(watch.context);
	const state = await RunState.fromStringWithContext(agent, sdk, context);
	for (const { callId, name } of open) watch.expect(callId, name);
	for (const call of state.getInterruptions()) {
		const callId = callIdOf(call);
		const decision = decisions.find((one) => one.callId === callId);
		if (decision?.approved) {
			state.approve(call);
		} else {
			state.reject(call, { message: refusal(decision?.reason) });
			watch.denied(callId, decision?.reason);
		}
	}
	return state;
}

/** What the model is told of a call that was not allowed. */
function refusal(reason: string | undefined): string {
	return reason ? `The user did not allow this: ${reason}` : 'The user did not allow this.';
}

const Called = z.object({ callId: z.string() });

function callIdOf({ rawItem }: RunToolApprovalItem): string {
	return Called.parse(rawItem).callId;
}
