import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatFrame } from './sse.ts';

const line = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n\0]/.test(text));
const name = line.filter((text) => text !== '' && !text.startsWith(' '));

test('a frame is read back by a standard parser as it was written', () => {
	const frame = fc.record({ id: name, event: name, data: fc.string({ unit: 'grapheme' }) });
	fc.assert(
		fc.property(frame, ({ id, event, data }) => {
			const expected = data.replaceAll(/\r\n|\r/g, '\n');
			expect(read(formatFrame({ id, event, data }))).toEqual([{ id, event, data: expected }]);
		})
	);
});

test.for(['\n\ndata: [DONE]\n\n', 'event: done\n', 'id: 999', 'a\rb', '\r\n\r\n', '\0', '', ' '])(
	'text that looks like a frame stays text: %j',
	(data) => {
		const id = 'run:7';
		const read_ = read(formatFrame({ id, data }) + formatFrame({ id: 'run:8', data: 'next' }));
		expect(read_).toMatchObject([{ id, data: data.replaceAll(/\r\n|\r/g, '\n') }, { id: 'run:8' }]);
	}
);

test('an id is the last line of its block, and alone where there is no data', () => {
	expect(formatFrame({ id: 'r:1', event: 'e', data: 'a\nb' })).toBe(
		'event: e\ndata: a\ndata: b\nid: r:1\n\n'
	);
	expect(formatFrame({ id: 'r:1' })).toBe('id: r:1\n\n');
});

test.for(['two\nlines', 'cr\r', 'nul\0'])('an id of more than one line is refused: %j', (id) => {
	expect(() => formatFrame({ id, data: '' })).toThrow(RangeError);
});

function read(text: string): EventSourceMessage[] {
	const events: EventSourceMessage[] = [];
	createParser({ onEvent: (event) => events.push(event) }).feed(text);
	return events;
}
