import {
	appendFileSync,
	mkdirSync,
	readFileSync,
	renameSync,
	statSync,
	writeFileSync
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { debuglog } from 'node:util';
import { tame } from './tame.ts';

const MOST = 1000;
/** A question longer than this is a paste, which nobody looks for with the arrow up. */
const LONGEST = 4000;
const BREAK = ' ↵ ';

const log = debuglog('runnel');

/**
 * What was asked at the prompt, in this session and in those before it.
 *
 * Each question is appended to the file at once, so that sessions side by side keep each other's.
 * A file that cannot be read or written is no reason to stop: what was asked in this session stays.
 */
export class History {
	/** Newest first, each on one line: where a line of it ended stands `↵`. */
	readonly lines: string[];
	readonly #file: string;

	constructor(env: Record<string, string | undefined>) {
		const state = env['XDG_STATE_HOME'] ?? '';
		const home = isAbsolute(state) ? state : join(homedir(), '.local', 'state');
		this.#file = join(home, 'runnel', 'history');
		this.lines = attempt(() => read(this.#file)) ?? [];
	}

	/** What was asked last stands first. */
	add(question: string): void {
		const line = tame(question)
			.trim()
			.split(/\s*\n\s*/)
			.join(BREAK);
		if (line === '' || line.length > LONGEST || line === this.lines[0]) return;
		this.lines.unshift(line);
		attempt(() => {
			mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
			appendFileSync(this.#file, `${line}\n`, { mode: 0o600 });
		});
	}
}

/** A line of the history as it was asked. */
export function recalled(line: string): string {
	return line.replaceAll(BREAK, '\n');
}

function read(file: string): string[] {
	// not a pipe or a device, which might never end
	if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return [];
	const all = tame(readFileSync(file, 'utf8')).split('\n').filter(Boolean);
	const lines = all.slice(-MOST);
	if (all.length > MOST) {
		attempt(() => {
			writeFileSync(`${file}.new`, `${lines.join('\n')}\n`, { mode: 0o600 });
			renameSync(`${file}.new`, file);
		});
	}
	return lines.reverse();
}

function attempt<T>(work: () => T): T | undefined {
	try {
		return work();
	} catch (cause) {
		log('The history cannot be kept.', cause);
		return undefined;
	}
}
