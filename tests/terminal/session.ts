import { expect, onTestFinished } from 'vitest';
import { KEYS, openTerminal, type Terminal, type TerminalOptions } from './terminal.ts';

/** A session at its prompt. */
export async function session(options: TerminalOptions): Promise<Terminal> {
	const terminal = openTerminal(options);
	onTestFinished(terminal.close);
	await prompted(terminal);
	return terminal;
}

/** Asks, and resolves when it is answered so. */
export async function ask(terminal: Terminal, question: string, answer: string): Promise<void> {
	terminal.type(question + KEYS.enter);
	await terminal.shows(answer);
	await prompted(terminal);
}

/** Resolves when it asks for the next line. */
export async function prompted(terminal: Terminal): Promise<void> {
	await terminal.shows(/\n> $/);
}

/** Ctrl-D at an empty line. */
export async function leave(terminal: Terminal): Promise<void> {
	await terminal.shows(/> .*$/);
	terminal.type(`\u0015${KEYS.end}`);
	expect(await terminal.ended).toBe(0);
}
