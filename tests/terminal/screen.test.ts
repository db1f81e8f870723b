import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { Numbered, RunEvent } from '#lib/protocol/events.ts';
import { EVERYTHING } from '#lib/server/agents/demo/texts.ts';
import { renderMarkdown } from '../../src/cli/markdown.ts';
import { temporaryFolder } from '../cli.ts';
import { transcript } from '../transcripts/transcripts.ts';
import { playRun } from './play-run.ts';
import { openTerminal, type Terminal, type TerminalOptions } from './terminal.ts';

const LONG = { timeout: 240_000 };
const SPINNER = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;
// eslint-disable-next-line no-control-regex -- colours are what is looked for
const COLOR = /\u001b\[[\d;]*m/;

test('an answer streams and stands there as Markdown, once, however wide', LONG, async () => {
	const streamed = async (columns: number) => {
		const terminal = open({ args: ['Show me everything'], columns });
		expect(await terminal.ended).toBe(0);
		const lines = renderMarkdown(EVERYTHING, columns, true).map(stripVTControlCharacters);
		expect(terminal.lines()).toEqual(lines);
		expect(terminal.bytes()).toMatch(SPINNER);
		const hidden = terminal.bytes().lastIndexOf('\u001b[?25l');
		expect(terminal.bytes().lastIndexOf('\u001b[?25h')).toBeGreaterThan(hidden); // the cursor is back
	};
	await Promise.all([20, 40, 80, 120].map(streamed));
});

test('a tool spins with its time and its progress, and settles to a mark', LONG, async () => {
	const { terminal, say } = await followed();
	await say(...upTo('progress', 'tool-progress'));
	await terminal.shows(
		/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] index_files █████░{15} 25 % Read 10 of 40 files 0\.[1-9] s$/m
	);
	const marks = new Set(terminal.bytes().match(new RegExp(SPINNER, 'g')));
	expect(marks.size).toBeGreaterThan(1);
	await say(...after('progress', 'tool-progress'));
	expect(await terminal.ended).toBe(0);
	expect(terminal.lines()).toEqual([
		'✓ index_files done (820 ms)',
		'',
		'All 40 files are indexed.'
	]);
});

test('diffs are in colours, reasoning is dim, and failures are red', LONG, async () => {
	const shown = async (name: string) => {
		const { terminal, say } = await followed();
		await say(...transcript(name).events);
		await terminal.ended;
		return terminal;
	};
	const diff = await shown('diff');
	expect(diff.lookOf('+new')).toMatchObject({ color: 2 });
	expect(diff.lookOf('-old')).toMatchObject({ color: 1 });
	expect(diff.lookOf('✓')).toMatchObject({ color: 2 });
	const reasoning = await shown('reasoning');
	expect(reasoning.lookOf('The person asks')).toMatchObject({ dim: true, color: 'default' });
	expect(reasoning.lookOf('4.')).toMatchObject({ bold: true, dim: false });
	expect((await shown('tool-failed')).lookOf('✗ read_page failed')).toMatchObject({ color: 1 });
});

test('a terminal that becomes narrower and wider holds every word once', LONG, async () => {
	const { terminal, say } = await followed({ columns: 80 });
	const words = Array.from({ length: 60 }, (_, index) => `word-${String(index)}`);
	const [start] = transcript('text').events;
	await say(start!, { seq: 2, type: 'text-start', partId: 't' });
	let seq = 2;
	for (const columns of [40, 24, 100, 60]) {
		const delta = words.splice(0, 15).map((word) => `${word} `);
		await say({ seq: ++seq, type: 'text-delta', partId: 't', delta: delta.join('') });
		await terminal.shows(delta.at(-1)!.trim());
		terminal.resize(columns, 24);
		// what is drawn next is drawn for the new width
		await terminal.shows(new RegExp(`^word-0 [^\\n]{0,${String(columns - 8)}}$`, 'm'));
	}
	await say({ seq: seq + 1, type: 'text-end', partId: 't' }, end(seq + 2));
	expect(await terminal.ended).toBe(0);
	expect(terminal.lines().join(' ').trim()).toBe(
		Array.from({ length: 60 }, (_, index) => `word-${String(index)}`).join(' ')
	);
});

test.for([
	[['--no-color'], {}],
	[[], { NO_COLOR: '1' }],
	[[], { TERM: 'vt52' }]
] as const)('there are no colours with %j %j', LONG, async ([args, env]) => {
	const terminal = open({ args: [...args, 'What is 12*7+1?'], env });
	expect(await terminal.ended).toBe(0);
	expect(terminal.bytes()).not.toMatch(COLOR);
	expect(terminal.lines().at(-1)).toBe('`12*7+1` is 85.');
});

/** `--follow` at a terminal, of a run that says what the test says. */
async function followed(options: Omit<TerminalOptions, 'folder'> = {}) {
	const { readable, writable } = new TransformStream<Numbered, Numbered>();
	const { url, close } = await playRun(readable);
	onTestFinished(close);
	const writer = writable.getWriter();
	const terminal = open({ ...options, args: ['--server', url, '--follow', 'run'] });
	return {
		terminal,
		say: async (...events: Numbered[]) => {
			for (const event of events) {
				await writer.write(event);
				if (event.type === 'run-end') await writer.close();
			}
		}
	};
}

function open(options: Omit<TerminalOptions, 'folder'>): Terminal {
	const terminal = openTerminal({ folder: temporaryFolder(), ...options });
	onTestFinished(terminal.close);
	return terminal;
}

function upTo(name: string, type: RunEvent['type']): Numbered[] {
	const { events } = transcript(name);
	return events.slice(0, events.findIndex((event) => event.type === type) + 1);
}

function after(name: string, type: RunEvent['type']): Numbered[] {
	return transcript(name).events.slice(upTo(name, type).length);
}

function end(seq: number): Numbered {
	const last = transcript('text').events.at(-1)!;
	return { ...last, seq };
}
