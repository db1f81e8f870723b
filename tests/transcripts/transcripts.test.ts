import { expect, test } from 'vitest';
import { isTerminal, type Numbered } from '#lib/protocol/events.ts';
import { fold } from '#lib/protocol/fold.ts';
import { textOf, type Message } from '#lib/protocol/messages.ts';
import { transcript, transcripts } from './transcripts.ts';

/** Fails to compile when an event is added, so that somebody thinks of a transcript for it. */
const EVERY_TYPE: Record<Numbered['type'], true> = {
	'run-start': true,
	'turn-start': true,
	'turn-end': true,
	'run-rewind': true,
	'text-start': true,
	'text-delta': true,
	'text-end': true,
	'reasoning-start': true,
	'reasoning-delta': true,
	'reasoning-end': true,
	'tool-start': true,
	'tool-input-delta': true,
	'tool-input': true,
	'tool-progress': true,
	'tool-diff': true,
	'tool-end': true,
	'tool-error': true,
	'tool-denied': true,
	'approval-request': true,
	'approval-response': true,
	'agent-switch': true,
	source: true,
	'run-pause': true,
	'run-retract': true,
	'run-end': true,
	'run-error': true
};

test.for(transcripts)('$name is numbered from 1, begins once and ends once', ({ events }) => {
	expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
	expect(events.filter(({ type }) => type === 'run-start')).toEqual([events[0]]);
	expect(events.filter(isTerminal)).toEqual([events.at(-1)]);
});

test('every event there is occurs in some transcript', () => {
	const said = new Set(transcripts.flatMap(({ events }) => events.map(({ type }) => type)));
	expect([...said].sort()).toEqual(Object.keys(EVERY_TYPE).sort());
});

test('parallel tools finish out of order', () => {
	const { events } = transcript('tools-parallel');
	const calls = (type: string) =>
		events.flatMap((event) => (event.type === type && 'callId' in event ? event.callId : []));
	expect(calls('tool-end')).toEqual(calls('tool-start').reverse());
});

test.for(['rewound', 'retracted'])('nothing void stands in the folded message: %s', (name) => {
	const messages: Message[] = [];
	for (const event of transcript(name).events) fold(messages, event);
	const [reply] = messages;
	if (reply?.role !== 'assistant') throw new Error('There is no reply.');
	const standing = reply.retracted === undefined ? textOf(reply) : '';
	expect(JSON.stringify(transcript(name))).toContain('VOID');
	expect(standing).not.toContain('VOID');
});
