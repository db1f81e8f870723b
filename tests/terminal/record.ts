/** Records what `runnel` looks like at a terminal into docs/recordings: `node tests/terminal/record.ts`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Numbered } from '#lib/protocol/events.ts';
import { transcript } from '../transcripts/transcripts.ts';
import { playRun } from './play-run.ts';
import { KEYS, openTerminal, type Terminal } from './terminal.ts';

const WIDTH = 80;
const HEIGHT = 24;
const PACE_MS = 150;

await record('tools', ['What is 12*7+1, and what is sqrt(2)*100?']);
await record('table', ['Show me a table']);
await record('session', [], async (terminal) => {
	await prompted(terminal);
	await write(terminal, 'Save a note: buy milk');
	await terminal.shows('(a)lways:');
	await write(terminal, 'y');
	await terminal.shows('save_note done');
	await prompted(terminal);
	await write(terminal, 'Write 2000 words about tea');
	await terminal.shows(/about tea\n(.+\n+){8}/);
	terminal.type(KEYS.interrupt);
	await terminal.shows('Stopped.');
	await prompted(terminal);
	terminal.type(KEYS.end);
});
for (const name of ['progress', 'diff', 'reasoning']) {
	const { url, close } = await playRun(slowly(transcript(name).events));
	await record(name, ['--server', url, '--follow', 'run'], undefined, 'runnel --follow RUN');
	close();
}

/** Writes one recording, as asciinema players read it. */
async function record(
	name: string,
	args: string[],
	use?: (terminal: Terminal) => Promise<void>,
	shown = ['runnel', ...args.map((arg) => `"${arg}"`)].join(' ')
): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'runnel-cli-'));
	const header = { version: 2, width: WIDTH, height: HEIGHT, env: { TERM: 'xterm-256color' } };
	const lines: unknown[] = [header, [0, 'o', `$ ${shown}\r\n`]];
	let since: number | undefined;
	const terminal = openTerminal({
		folder,
		args,
		columns: WIDTH,
		rows: HEIGHT,
		ondata(data) {
			since ??= performance.now(); // how long it takes to start is another matter
			lines.push([Number(((performance.now() - since) / 1000 + 1).toFixed(3)), 'o', data]);
		}
	});
	await use?.(terminal);
	await terminal.ended;
	const file = new URL(`../../docs/recordings/${name}.cast`, import.meta.url);
	writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
	rmSync(folder, { recursive: true });
}

async function* slowly(events: Numbered[]): AsyncGenerator<Numbered> {
	for (const event of events) {
		await setTimeout(PACE_MS);
		yield event;
	}
}

/** Types a line as a person does, key by key. */
async function write(terminal: Terminal, line: string): Promise<void> {
	for (const key of line + KEYS.enter) {
		terminal.type(key);
		await setTimeout(PACE_MS / 3);
	}
}

async function prompted(terminal: Terminal): Promise<void> {
	await terminal.shows(/\n> $/);
}
