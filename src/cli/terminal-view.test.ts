import { PassThrough } from 'node:stream';
import xterm from '@xterm/headless';
import { expect, test } from 'vitest';
import type { Numbered, RunEvent } from '#lib/protocol/events.ts';
import { transcripts } from '../../tests/transcripts/transcripts.ts';
import { TerminalView } from './terminal-view.ts';

test.for(transcripts)('$name stays on the terminal, and ends below it', async ({ events }) => {
	const screen = await show(events);
	expect(screen.at(-1)).toBe('');
	const text = screen.join('\n');
	for (const event of events) {
		if (event.type === 'tool-end') expect(text).toContain(`✓ ${event.name} done`);
		if (event.type === 'tool-error') expect(text).toContain(`✗ ${event.name} failed`);
		if (event.type === 'run-retract') expect(text).toContain(event.reason);
	}
	expect(text).not.toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/);
});

test('each block is written for good once, whatever is drawn below it meanwhile', async () => {
	const words = Array.from({ length: 60 }, (_, index) => `Paragraph ${index} of the answer.`);
	const text = words.join('\n\n');
	expect(await show(saying(text))).toEqual([...words.flatMap((line) => [line, '']), '']);
});

test('code with blank lines eats nothing above it, at the end of the screen too', async () => {
	const before = Array.from({ length: 12 }, (_, index) => `Line ${index}.`);
	const code = ['```', 'a', '', 'b', '', 'c', '```'];
	const text = [...before.flatMap((line) => [line, '']), ...code, ''].join('\n');
	expect(await show(saying(text))).toEqual([
		...before.flatMap((line) => [line, '']),
		...code,
		'',
		''
	]);
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
async function show(events: Numbered[]): Promise<string[]> {
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

/** The lines on a terminal of ten rows after these bytes, up to its cursor. */
async function play(bytes: string): Promise<string[]> {
	const terminal = new xterm.Terminal({
		rows: 10,
		scrollback: 10_000,
		convertEol: true,
		allowProposedApi: true
	});
	await new Promise<void>((done) => {
		terminal.write(bytes, done);
	});
	const { active } = terminal.buffer;
	return Array.from({ length: active.baseY + active.cursorY + 1 }, (_, row) =>
		(active.getLine(row)?.translateToString(true) ?? '').trimEnd()
	);
}
