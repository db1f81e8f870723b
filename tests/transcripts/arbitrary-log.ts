import fc from 'fast-check';
import type { Numbered, RunEvent, Utterance } from '#lib/protocol/events.ts';

/** What JSON can carry: it knows no -0. */
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);

const words = fc.oneof(
	fc.string({ unit: 'binary', maxLength: 12 }),
	fc.constantFrom('\n\n', '\r', '\r\n', 'data: [DONE]\n\n', 'id: 999\n', '\0', '\ud83c', '🌊', ': ')
);

let made = 0;
/** No two parts of a message have one id. */
const id = fc.constant('id').map((word) => `${word}-${String(++made)}`);

const spoken = (kind: 'text' | 'reasoning') =>
	fc
		.tuple(id, fc.array(words, { maxLength: 4 }))
		.map(([partId, deltas]): Utterance[] => [
			{ type: `${kind}-start`, partId },
			...deltas.map((delta): Utterance => ({ type: `${kind}-delta`, partId, delta })),
			{ type: `${kind}-end`, partId }
		]);

const toolOutcome = fc.oneof(
	fc.record({ type: fc.constant('tool-end' as const), output: json }),
	fc.record({ type: fc.constant('tool-error' as const), message: words })
);

/** A tool call: what the model says of it, and what happens once the turn is over. */
const toolCall = fc
	.tuple(id, json, toolOutcome, fc.boolean())
	.map(([callId, input, outcome, progresses]) => {
		const name = 'clock';
		const asked: Utterance[] = [
			{ type: 'tool-start', callId, name },
			{ type: 'tool-input-delta', callId, delta: JSON.stringify(input) },
			{ type: 'tool-input', callId, name, input }
		];
		const progress: Utterance[] = progresses
			? [{ type: 'tool-progress', callId, message: 'half way', fraction: 0.5 }]
			: [];
		const happened: Utterance[] = [...progress, { callId, name, durationMs: 3, ...outcome }];
		return { asked, happened };
	});

const turn = fc
	.record({
		spoken: fc.array(fc.oneof(spoken('text'), spoken('reasoning')), { maxLength: 3 }),
		calls: fc.array(toolCall, { maxLength: 2 })
	})
	.map(({ spoken, calls }): Utterance[] => [
		{ type: 'turn-start', turn: 1 },
		...spoken.flat(),
		...calls.flatMap(({ asked }) => asked),
		{ type: 'turn-end', turn: 1 },
		...calls.reverse().flatMap(({ happened }) => happened)
	]);

const START: RunEvent = {
	type: 'run-start',
	runId: 'r1',
	conversationId: 'c1',
	messageId: 'm1',
	agent: 'assistant',
	model: 'demo'
};

const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 };
const end = fc.constantFrom<RunEvent>(
	{ type: 'run-end', reason: 'done', usage, durationMs: 5 },
	{ type: 'run-end', reason: 'stopped', usage, durationMs: 5 },
	{ type: 'run-error', code: 'model-failed', message: 'No.', retryable: true, durationMs: 5 }
);

/** Turns that make sense, without their run's start and end. */
export const turns = fc.array(turn, { maxLength: 3 }).map((list) => list.flat());

/** The log of a run that makes sense: hostile text in a sane order. */
export const log = fc.tuple(turns, end).map(([said, last]) => number([START, ...said, last]));

/** Two logs of the same content: one that was rewound on the way, and one that never was. */
export const rewound = fc
	.tuple(turns, turns, fc.nat(), turns, end)
	.map(([kept, lost, cut, said, last]) => {
		const voided = lost.slice(0, cut % (lost.length + 1));
		const toSeq = kept.length + 1;
		const rewind: RunEvent = { type: 'run-rewind', toSeq, reason: 'the process died' };
		return {
			disturbed: number([START, ...kept, ...voided, rewind, ...said, last]),
			undisturbed: number([START, ...kept, ...said, last])
		};
	});

function number(events: RunEvent[]): Numbered[] {
	return events.map((event, index) => ({ ...event, seq: index + 1 }));
}
