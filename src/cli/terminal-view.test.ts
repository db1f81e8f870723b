import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Numbered, RunEvent } from '#lib/protocol/events.ts';
import { transcripts } from '../../tests/transcripts/transcripts.ts';
import { TerminalView } from './terminal-view.ts';

test.for(transcripts)('$name stays on the terminal, and ends below it', ({ events }) => {
	const screen = show(events);
	expect(screen.at(-1)).toBe('');
	const text = screen.join('\n');
	for (const event of events) {
		if (event.type === 'tool-end') expect(text).toContain(`✓ ${event.name} done`);
		if (event.type === 'tool-error') expect(text).toContain(`✗ ${event.name} failed`);
		if (event.type === 'run-retract') expect(text).toContain(event.reason);
	}
	expect(text).not.toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/);
});

test('each block is written for good once, whatever is drawn below it meanwhile', () => {
	const words = Array.from({ length: 60 }, (_, index) => `Paragraph ${index} of the answer.`);
	const text = words.join('\n\n');
	expect(show(saying(text))).toEqual([...words.flatMap((line) => [line, '']), '']);
});

test('code with blank lines eats nothing above it, at the end of the screen too', () => {
	const before = Array.from({ length: 12 }, (_, index) => `Line ${index}.`);
	const code = ['a', '', 'b', '', 'c'];
	const text = [...before.flatMap((line) => [line, '']), '```', ...code, '```', ''].join('\n');
	expect(show(saying(text))).toEqual([...before.flatMap((line) => [line, '']), ...code, '', '']);
});

/** A run that says this text letter by letter. */
function saying(text: string): Numbered[] {
	const deltas = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
	const start = { runId: 'r', conversationId: 'c', messageId: 'm', agent: 'a', model: 'm' };
	const events: RunEvent[] = [
		{ type: 'run-start', ...start },
		{ type: 'text-start', partId: 't' },
		...deltas.map((delta) => ({ type: 'text-delta' as const, partId: 't', delta })),
		{ type: 'text-end', partId: 't' }
	];
	return events.map((event, index) => ({ ...event, seq: index + 1 }));
}

/** What stands on a terminal after these events, drawn after every one of them. */
function show(events: Numbered[]): string[] {
	const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 10 });
	const view = new TerminalView(
		{ color: false, quiet: false },
		output as unknown as NodeJS.WriteStream
	);
	const written: string[] = [];
	output.on('data', (chunk: Buffer) => written.push(chunk.toString()));
	for (const event of events) {
		view.show([event]);
		view.drawNow();
	}
	view.settle();
	return play(written.join(''));
}

/** A terminal of ten rows, as much of one as is needed: it scrolls, and its cursor stops at the edges. */
function play(bytes: string): string[] {
	const rows = 10;
	const lines = [''];
	let row = 0;
	let column = 0;
	const top = () => Math.max(0, lines.length - rows);
	// eslint-disable-next-line no-control-regex -- this is what a terminal obeys
	for (const [token] of bytes.matchAll(/\u001b\[\??[\d;]*[A-Za-z]|[\s\S]/gu)) {
		const count = Number(/\d+/.exec(token)?.[0] ?? 1);
		if (token === '\n') {
			if (++row === lines.length) lines.push('');
			column = 0;
		} else if (token.endsWith('A') && token.length > 1) row = Math.max(top(), row - count);
		else if (token.endsWith('B') && token.length > 1) row = Math.min(lines.length - 1, row + count);
		else if (token === '\u001b[G') column = 0;
		else if (token === '\u001b[2K') lines[row] = '';
		else if (token === '\u001b[K') lines[row] = lines[row]!.slice(0, column);
		else if (!token.startsWith('\u001b')) {
			lines[row] = lines[row]!.slice(0, column) + token + lines[row]!.slice(column + 1);
			column++;
		}
	}
	return lines.slice(0, row + 1).map((line) => line.trimEnd());
}
