import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

const main = join(import.meta.dirname, '../../src/cli/main.ts');
const PATIENCE_MS = 90_000;

/** How a text stands on the screen. */
export interface Look {
	color: 'default' | number;
	bold: boolean;
	dim: boolean;
}

/** `runnel` in a real pseudo-terminal, and what a terminal emulator makes of its bytes. */
export interface Terminal {
	pid: number;
	/** Presses keys: text, and what a terminal sends for the others (see `KEYS`). */
	type(keys: string): void;
	resize(columns: number, rows: number): void;
	/**
	 * All lines, those that scrolled away included, without the empty end. What the terminal itself
	 * has wrapped is one line.
	 */
	lines(): string[];
	/** Resolves when that stands on the terminal. */
	shows(wanted: string | RegExp): Promise<void>;
	/** How the first letter of that text looks, the last time that it stands there. */
	lookOf(text: string): Look;
	/** All bytes that came. */
	bytes(): string;
	/** The exit status, when it has ended and everything is on the screen. */
	ended: Promise<number>;
	/** Ends it, if it still runs. */
	close: () => void;
}

export interface TerminalOptions {
	folder: string;
	args?: string[];
	columns?: number;
	rows?: number;
	env?: Record<string, string>;
	/** Starts an interactive shell instead, which is to start `runnel` with `COMMAND`. */
	shell?: boolean;
	/** Is told of everything that comes, as it comes. */
	ondata?: (data: string) => void;
}

/** What a terminal sends for keys that are no letters. */
export const KEYS = {
	enter: '\r',
	up: '\u001b[A',
	interrupt: '\u0003',
	suspend: '\u001a',
	end: '\u0004',
	paste: (text: string) => `\u001b[200~${text}\u001b[201~`
};

/** Starts `runnel` at a terminal, with an environment without configuration and a home of its own. */
export function openTerminal(options: TerminalOptions): Terminal {
	const { folder, args = [], columns: cols = 80, rows = 24, env = {}, shell, ondata } = options;
	const screen = new xterm.Terminal({ cols, rows, scrollback: 10_000, allowProposedApi: true });
	const { promise: ended, resolve } = Promise.withResolvers<number>();
	let bytes = '';
	const [file, ...rest] = shell ? ['bash', '--norc', '-i'] : [process.execPath, main, ...args];
	const terminal = spawn(file, rest, {
		name: env['TERM'] ?? 'xterm-256color',
		cols,
		rows,
		cwd: folder,
		env: {
			PATH: process.env['PATH'],
			HOME: folder,
			LANG: 'C.UTF-8',
			COMMAND: `${process.execPath} ${main}`,
			...env
		}
	});
	let running = true;
	terminal.onData((data) => {
		bytes += data;
		ondata?.(data);
		screen.write(data);
	});
	terminal.onExit(({ exitCode }) => {
		running = false;
		screen.write('', () => {
			resolve(exitCode);
		});
	});
	screen.onData((answer) => {
		if (running) terminal.write(answer);
	});

	const lines = () => linesOf(screen);
	return {
		pid: terminal.pid,
		type(keys) {
			terminal.write(keys);
		},
		resize(columns, rows) {
			screen.resize(columns, rows);
			terminal.resize(columns, rows);
		},
		lines,
		shows(wanted) {
			const found = () => {
				const text = lines().join('\n');
				return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
			};
			return new Promise((resolve, reject) => {
				const check = () => {
					if (!found()) return;
					stop();
					resolve();
				};
				const fail = (why: string) => () => {
					stop();
					reject(new Error(`${why} without showing ${String(wanted)}:\n${lines().join('\n')}`));
				};
				const timer = setTimeout(fail('Much time passed'), PATIENCE_MS);
				const parsed = screen.onWriteParsed(check);
				const stop = () => {
					clearTimeout(timer);
					parsed.dispose();
				};
				void ended.then(() => {
					check();
					fail('It ended')();
				});
				check();
			});
		},
		lookOf: (text) => lookOf(screen, text),
		bytes: () => bytes,
		ended,
		close() {
			if (running) terminal.kill('SIGKILL');
		}
	};
}

function linesOf({ buffer }: xterm.Terminal): string[] {
	const lines: string[] = [];
	for (const { line, text } of rowsOf(buffer.active)) {
		if (line.isWrapped) lines.push((lines.pop() ?? '') + text);
		else lines.push(text);
	}
	while (lines.at(-1) === '') lines.pop();
	return lines;
}

function lookOf({ buffer }: xterm.Terminal, text: string): Look {
	const row = rowsOf(buffer.active).findLast((row) => row.text.includes(text));
	if (!row) throw new Error(`${text} is not on the screen.`);
	// letters and cells are the same in number where no wide letter stands before
	const cell = row.line.getCell(row.text.indexOf(text));
	if (!cell) throw new Error(`${text} has no place.`);
	return {
		color: cell.isFgDefault() ? 'default' : cell.getFgColor(),
		bold: cell.isBold() !== 0,
		dim: cell.isDim() !== 0
	};
}

function rowsOf(buffer: xterm.IBuffer) {
	const rows = Array.from({ length: buffer.length }, (_, index) => buffer.getLine(index));
	return rows.flatMap((line) => (line ? [{ line, text: line.translateToString(true) }] : []));
}
