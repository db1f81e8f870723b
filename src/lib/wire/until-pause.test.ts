import { expect, test } from 'vitest';
import type { Numbered, RunEvent } from '#lib/protocol/events.ts';
import { untilPause, type Standing } from './until-pause.ts';

const ask: RunEvent = { type: 'approval-request', approvalId: 'p1', callId: 'c1' };
const pause: RunEvent = { type: 'run-pause', reason: 'approval' };
const yes: RunEvent = { type: 'approval-response', approvalId: 'p1', callId: 'c1', approved: true };
const turn: RunEvent = { type: 'turn-start', turn: 2 };

const log = [turn, ask, pause, yes, turn, ask, pause, yes, turn].map((event, index): Numbered => ({
	...event,
	seq: index + 1
}));

test.for<[what: string, after: number, standing: Standing, told: string[]]>([
	['a run from its start', 0, at(1), ['1 turn', '2 request', '3 pause']],
	['a run that goes on after its first pause', 0, at(5), told(1, 2, 4, 5, 6, 7)],
	['a run that waits for the first time', 0, waiting(3), told(1, 2, 3)],
	['a run that waits for the second time', 0, waiting(7), told(1, 2, 4, 5, 6, 7)],
	[
		'a run that waits for the last of several',
		0,
		waiting(4),
		['1 turn', '2 request', '4 response', '4 pause']
	],
	['the rest after an answer', 4, at(5), told(5, 6, 7)],
	['an answer that is not the last', 3, waiting(4), ['4 response', '4 pause']],
	['a run that is over', 0, at(9), told(1, 2, 4, 5, 6, 8, 9)]
])('%s is told', async ([, after, standing, wanted]) => {
	for (const size of [1, 2, 100]) expect(await tell(after, standing, size)).toEqual(wanted);
});

function at(lastSeq: number): Standing {
	return { lastSeq, paused: false };
}

function waiting(lastSeq: number): Standing {
	return { lastSeq, paused: true };
}

function told(...seqs: number[]): string[] {
	return seqs.map((seq) => brief(log[seq - 1]!));
}

async function tell(after: number, standing: Standing, size: number): Promise<string[]> {
	// eslint-disable-next-line @typescript-eslint/require-await
	const batches = async function* () {
		for (let from = after; from < log.length; from += size) yield log.slice(from, from + size);
	};
	const events: Numbered[] = [];
	for await (const batch of untilPause(batches(), standing)) events.push(...batch);
	return events.map(brief);
}

function brief({ seq, type }: Numbered): string {
	return `${String(seq)} ${type.replace(/^\w+-(?!start)|-start$/g, '')}`;
}
