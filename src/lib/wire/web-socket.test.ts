import { expect, test } from 'vitest';
import { transcript, transcripts } from '../../../tests/transcripts/transcripts.ts';
import { failureOf } from './failure.ts';
import { SocketWire } from './web-socket.ts';

type Said = Record<string, { metadata: { run_id: string; seq: number }; index?: number }>;

test.for(transcripts)('$name: each object has one name, its run and its number', (recorded) => {
	for (const [event, said] of speak(recorded)) {
		if (!said) continue;
		expect(Object.keys(said)).toHaveLength(1);
		const [{ metadata }] = Object.values(said) as [Said[string]];
		expect(metadata).toMatchObject({ run_id: recorded.runId, seq: event.seq });
	}
});

test.for(transcripts)(
	'$name: the index counts the deltas from 0, and the last word ends it',
	(recorded) => {
		const all = speak(recorded);
		const tokens = all.flatMap(([, said]) => said?.['StreamingToken'] ?? []);
		expect(tokens.map(({ index }) => index)).toEqual(tokens.map((_, index) => index));
		const [last, said] = all.at(-1)!;
		expect(Object.keys(said!)).toEqual([
			last.type === 'run-end' ? 'AgentCompleted' : 'AgentFailed'
		]);
	}
);

test.for(['rewound', 'retracted'])('what is void ends in a failure: %s', (name) => {
	const failures = speak(transcript(name)).filter(([event]) => failureOf(event));
	expect(failures.map(([, said]) => Object.keys(said!))).toEqual([['AgentFailed']]);
});

test('a tool that a person denied is completed, without success', () => {
	const said = speak(transcript('approval-denied')).flatMap(
		([, said]) => said?.['ToolCompleted'] ?? []
	);
	expect(said).toMatchObject([{ tool_name: 'delete_file', success: false }]);
});

function speak({
	runId,
	events
}: {
	runId: string;
	events: (typeof transcripts)[number]['events'];
}) {
	const wire = new SocketWire(runId);
	return events.map((event) => [event, wire.say(event) as Said | undefined] as const);
}
