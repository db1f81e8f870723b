import fc from 'fast-check';
import { expect, test } from 'vitest';
import { log, rewound } from '../../../tests/transcripts/arbitrary-log.ts';
import type { Numbered } from './events.ts';
import { fold } from './fold.ts';
import { textOf, type Message } from './messages.ts';

test('folding in two sittings equals folding at once', () => {
	fc.assert(
		fc.property(log, fc.nat(), (events, cut) => {
			const first = folded(events.slice(0, cut % events.length));
			const later = structuredClone(first);
			for (const event of events.slice(cut % events.length)) fold(later, event);
			expect(later).toEqual(folded(events));
		})
	);
});

test('folding again from any cursor changes nothing', () => {
	fc.assert(
		fc.property(log, fc.nat(), fc.nat(), (events, read, cursor) => {
			const messages = folded(events.slice(0, 1 + (read % events.length)));
			for (const event of events.slice(cursor % events.length)) fold(messages, event);
			for (const event of events.slice(read % events.length)) fold(messages, event);
			const disordered = cursor % events.length > 1 + (read % events.length);
			if (!disordered) expect(messages).toEqual(folded(events));
			else expect(messages).toHaveLength(1);
		})
	);
});

test('a rewind drops exactly what came after its point', () => {
	fc.assert(
		fc.property(rewound, ({ disturbed, undisturbed }) => {
			expect(withoutNumbers(folded(disturbed))).toEqual(withoutNumbers(folded(undisturbed)));
		})
	);
});

test('events that nobody knows are skipped', () => {
	fc.assert(
		fc.property(log, fc.nat(), (events, place) => {
			const at = 1 + (place % (events.length - 1));
			const stranger = { type: 'from-the-future', seq: at + 1, callId: 'x' } as unknown as Numbered;
			const later = events.slice(at).map((event) => ({ ...event, seq: event.seq + 1 }));
			const messages = folded([...events.slice(0, at), stranger, ...later]);
			expect(withoutNumbers(messages)).toEqual(withoutNumbers(folded(events)));
		})
	);
});

test('deltas add up to the text that was said', () => {
	fc.assert(
		fc.property(log, (events) => {
			const said = events.map((event) => (event.type === 'text-delta' ? event.delta : '')).join('');
			expect(textOf(folded(events)[0]!).replaceAll('\n\n', '')).toBe(said.replaceAll('\n\n', ''));
		})
	);
});

test('a pause and its answer keep one message', () => {
	const messages = folded([
		{
			seq: 1,
			type: 'run-start',
			runId: 'r',
			conversationId: 'c',
			messageId: 'm',
			agent: 'a',
			model: 'd'
		},
		{ seq: 2, type: 'tool-start', callId: 'c1', name: 'delete' },
		{ seq: 3, type: 'tool-input', callId: 'c1', name: 'delete', input: { path: 'a' } },
		{ seq: 4, type: 'approval-request', approvalId: 'p1', callId: 'c1' },
		{ seq: 5, type: 'run-pause', reason: 'approval' }
	]);
	expect(messages[0]).toMatchObject({ status: 'paused', parts: [{ state: 'asking' }] });

	fold(messages, {
		seq: 6,
		type: 'approval-response',
		approvalId: 'p1',
		callId: 'c1',
		approved: false
	});
	fold(messages, { seq: 7, type: 'tool-denied', callId: 'c1', reason: 'no' });
	expect(messages).toMatchObject([
		{
			status: 'running',
			parts: [{ state: 'denied', message: 'no', approval: { approved: false } }]
		}
	]);
});

test('of several decisions each is shown at once, and the reply waits for the last', () => {
	const calls = ['c1', 'c2'];
	const messages = folded([
		{
			seq: 1,
			type: 'run-start',
			runId: 'r',
			conversationId: 'c',
			messageId: 'm',
			agent: 'a',
			model: 'd'
		},
		...calls.map((callId, index): Numbered => {
			return { seq: 2 + index, type: 'tool-start', callId, name: 'delete' };
		}),
		...calls.map((callId, index): Numbered => {
			return { seq: 4 + index, type: 'approval-request', approvalId: `p${callId}`, callId };
		}),
		{ seq: 6, type: 'run-pause', reason: 'approval' }
	]);
	const answer = { type: 'approval-response' as const, approvalId: 'p', approved: false };

	fold(messages, { seq: 7, ...answer, callId: 'c2', reason: 'no' });
	expect(messages).toMatchObject([
		{ status: 'paused', parts: [{ state: 'asking' }, { state: 'denied', message: 'no' }] }
	]);
	fold(messages, { seq: 8, ...answer, callId: 'c1', approved: true });
	expect(messages).toMatchObject([{ status: 'running', parts: [{ state: 'running' }, {}] }]);
});

function folded(events: Numbered[]): Message[] {
	const messages: Message[] = [];
	for (const event of events) fold(messages, event);
	return messages;
}

function withoutNumbers(messages: Message[]): unknown {
	return JSON.parse(
		JSON.stringify(messages, (key, value: unknown) => (key === 'seq' ? undefined : value))
	);
}
