import { tool, ToolTimeoutError, type RunContext, type Tool } from '@openai/agents';
import type { z } from 'zod';
import type { FileDiff, ToolContext } from '../tool-watch.ts';

const TIMEOUT_MS = 30_000;

/** What a tool could not do, in a sentence for the reader and the model alike. */
export class ToolFailure extends Error {}

export interface ToolDraft<Input extends z.ZodObject> {
	name: string;
	/** Tells the model what it is for. */
	description: string;
	parameters: Input;
	execute: (
		input: z.output<Input>,
		signal: AbortSignal | undefined,
		tell: { changed: (diff: FileDiff) => void }
	) => unknown;
	/** It changes something, so that a person must allow each call. */
	needsApproval?: boolean;
	/** Milliseconds; 30 s unless told otherwise. */
	timeoutMs?: number;
}

/**
 * A tool whose failures are told to the reader in a sentence and to the model in words it can act
 * on, and which ends after its time. What nobody foresaw goes to the operator's log.
 */
export function makeTool<Input extends z.ZodObject>(draft: ToolDraft<Input>): Tool<ToolContext> {
	const { name, description, parameters, execute, timeoutMs = TIMEOUT_MS } = draft;
	const { needsApproval = false } = draft;
	const fail = (context: RunContext<ToolContext>, error: unknown, callId: string | undefined) => {
		const message = sentence(name, timeoutMs, error);
		context.context.failed(callId, message);
		return message;
	};
	return tool<z.ZodObject, ToolContext>({
		name,
		description,
		parameters,
		timeoutMs,
		needsApproval,
		execute: (input, context, details) => {
			const callId = details?.toolCall?.callId ?? '';
			const changed = (diff: FileDiff) => context?.context.changed(callId, diff);
			return Promise.try(execute, input as z.output<Input>, details?.signal, { changed });
		},
		errorFunction: (context, error, details) => fail(context, error, details?.toolCall?.callId),
		timeoutErrorFunction: (context, error, details) =>
			fail(context, error, details?.toolCall?.callId)
	});
}

function sentence(name: string, timeoutMs: number, error: unknown): string {
	if (error instanceof ToolFailure) return error.message;
	if (error instanceof ToolTimeoutError) {
		return `It took longer than ${String(timeoutMs / 1000)} s and was ended.`;
	}
	if (error instanceof Error && error.constructor.name === 'InvalidToolInputError') {
		return `The model called ${name} with arguments that it does not take.`;
	}
	console.error(`The tool ${name} failed for a reason nobody foresaw.`, error);
	return 'It failed. The server’s log says why.';
}
