import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Refused } from '#lib/chat/server.ts';
import type { RunEvent } from '#lib/protocol/events.ts';
import type { Backend } from './backend.ts';
import { type AskPerson, Decisions } from './decisions.ts';
import { Interrupts } from './interrupts.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('always says yes to that tool from then on, and to no other', async () => {
	const ask = vi.fn<AskPerson>(({ name }) => Promise.resolve(name === 'save' ? 'always' : 'no'));
	const { decisions, answers } = deciding(ask);
	hear(decisions, 'save', 'a1');
	await vi.advanceTimersByTimeAsync(500);
	hear(decisions, 'save', 'a2');
	await vi.advanceTimersByTimeAsync(500);
	hear(decisions, 'drop', 'a3');
	await vi.advanceTimersByTimeAsync(500);
	expect(answers).toEqual([
		['a1', true],
		['a2', true],
		['a3', false]
	]);
	expect(ask).toHaveBeenCalledTimes(2);
});

test('a log that is read back asks for nothing that was decided', async () => {
	const ask = vi.fn<AskPerson>(() => Promise.resolve('yes'));
	const { decisions } = deciding(ask);
	hear(decisions, 'save', 'a1');
	decisions.hear(
		{ seq: 6, type: 'approval-response', approvalId: 'a1', callId: 'c', approved: true },
		'r'
	);
	await vi.advanceTimersByTimeAsync(500);
	expect(ask).not.toHaveBeenCalled();
});

test('a question is called off when somebody else decides', async () => {
	let signal: AbortSignal | undefined;
	const ask: AskPerson = (_part, given) => {
		signal = given;
		return new Promise(() => undefined);
	};
	const { decisions } = deciding(ask);
	hear(decisions, 'save', 'a1');
	await vi.advanceTimersByTimeAsync(500);
	expect(signal?.aborted).toBe(false);
	decisions.hear(
		{ seq: 6, type: 'approval-response', approvalId: 'a1', callId: 'c', approved: false },
		'r'
	);
	expect(signal?.aborted).toBe(true);
});

test('whoever was faster counts, and nobody is told of it', async () => {
	const { decisions, notes } = deciding(
		() => Promise.resolve('yes'),
		() => Promise.reject(new Refused(409, 'approval-answered', 'Too late.'))
	);
	hear(decisions, 'save', 'a1');
	await vi.advanceTimersByTimeAsync(500);
	expect(notes).toEqual([]);
});

test('one press of Ctrl-C stops though it comes twice, and a second press leaves', () => {
	const interrupts = new Interrupts();
	interrupts.press();
	interrupts.press();
	expect([interrupts.stopping.aborted, interrupts.leaving.aborted]).toEqual([true, false]);
	vi.advanceTimersByTime(300);
	interrupts.press();
	expect(interrupts.leaving.aborted).toBe(true);
});

function deciding(ask: AskPerson, answer?: Backend['answer']) {
	const answers: [string, boolean][] = [];
	const notes: string[] = [];
	const backend = {
		shared: true,
		answer:
			answer ??
			((_run: string, id: string, { approved }: { approved: boolean }) => {
				answers.push([id, approved]);
				return Promise.resolve();
			})
	} as unknown as Backend;
	const decisions = new Decisions(backend, (sentence) => notes.push(sentence), ask);
	return { decisions, answers, notes };
}

/** A run that begins, calls that tool and waits for that approval. */
function hear(decisions: Decisions, name: string, approvalId: string): void {
	const events: RunEvent[] = [
		{
			type: 'run-start',
			runId: 'r',
			conversationId: 'c',
			messageId: approvalId,
			agent: 'a',
			model: 'm'
		},
		{ type: 'tool-start', callId: 'c', name },
		{ type: 'tool-input', callId: 'c', name, input: {} },
		{ type: 'approval-request', approvalId, callId: 'c' },
		{ type: 'run-pause', reason: 'approval' }
	];
	for (const [index, event] of events.entries()) {
		decisions.hear({ ...event, seq: index + 1 }, 'r');
	}
}
