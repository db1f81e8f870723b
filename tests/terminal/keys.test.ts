import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../cli.ts';
import { ask, leave, prompted, session } from './session.ts';
import { KEYS, openTerminal } from './terminal.ts';

const LONG = { timeout: 240_000 };

test('Ctrl-C stops a question with 130, and what was said stays', LONG, async () => {
	const folder = temporaryFolder();
	const terminal = one(folder, 'Write 2000 words');
	await terminal.shows(/\w+ \w+ \w+/);
	terminal.type(KEYS.interrupt);
	expect(await terminal.ended).toBe(130);
	const said = words(terminal.lines());
	expect(said.length).toBeGreaterThan(3);

	const later = await session({ folder, args: ['--continue'] });
	expect(words(later.lines())).toEqual(expect.arrayContaining(said));
	await leave(later);
});

test('Ctrl-C where a tool asks stops the question, and the tool does not run', LONG, async () => {
	const folder = temporaryFolder();
	const terminal = one(folder, 'Save a note: buy milk');
	await terminal.shows('(a)lways:');
	terminal.type(KEYS.interrupt);
	expect(await terminal.ended).toBe(130);
	expect(noted(folder)).toBe('');
});

test('what is typed during the answer to one question does not stand in it', LONG, async () => {
	const terminal = one(temporaryFolder(), 'Write 60 words');
	await terminal.shows(/\w+ \w+ \w+/);
	terminal.type(`abc${KEYS.enter}${KEYS.enter}${KEYS.paste('d\re')}xyz`);
	expect(await terminal.ended).toBe(0);
	const said = terminal.lines().join(' ');
	expect(said).not.toMatch(/abc|xyz/);
	expect(said.match(/The spring/g)).toHaveLength(1);
	const sentences = said.split(/[.!?] /);
	expect(new Set(sentences).size).toBe(sentences.length);
});

test('Ctrl-C after letters stops a question and leaves no mark', LONG, async () => {
	const terminal = one(temporaryFolder(), 'Write 2000 words');
	await terminal.shows(/\w+ \w+ \w+/);
	terminal.type(`abc${KEYS.interrupt}`);
	terminal.type(KEYS.interrupt);
	expect(await terminal.ended).toBe(130);
	expect(terminal.bytes()).not.toContain('^C');
	expect(terminal.lines().join(' ')).not.toContain('abc');
});

test('Ctrl-D where a tool asks leaves, and the tool does not run', LONG, async () => {
	const folder = temporaryFolder();
	const terminal = one(folder, 'Save a note: buy milk');
	await terminal.shows('(a)lways:');
	terminal.type(KEYS.end);
	expect(await terminal.ended).toBe(130);

	const other = await session({ folder });
	other.type(`Save a note: buy milk${KEYS.enter}`);
	await other.shows('(a)lways:');
	other.type(KEYS.end);
	expect(await other.ended).toBe(0);
	expect(noted(folder)).toBe('');
});

test('Ctrl-Z gives the shell back, also from beneath another program', LONG, async () => {
	const env = { PS1: 'shell$ ' };
	const terminal = openTerminal({ folder: temporaryFolder(), shell: true, env });
	onTestFinished(terminal.close);
	await terminal.shows(/shell\$ $/);
	terminal.type(`sh -c "$COMMAND; true"${KEYS.enter}`);
	await prompted(terminal);
	terminal.type(KEYS.suspend);
	await terminal.shows(/Stopped[^]*shell\$ $/);
	terminal.type(`fg${KEYS.enter}`);
	await terminal.shows(/fg\n[^]*> $/);
	terminal.type(`What is 2+3?${KEYS.enter}`);
	await terminal.shows('2+3 is 5.');
	await prompted(terminal);
	terminal.type(KEYS.end);
	await terminal.shows(/is 5\.[^]*shell\$ $/);
	terminal.type(`exit 7${KEYS.enter}`);
	expect(await terminal.ended).toBe(7);
});

test('in a session Ctrl-C and /stop stop the answer, and the session goes on', LONG, async () => {
	const terminal = await session({ folder: temporaryFolder() });
	terminal.type(`Write 2000 words${KEYS.enter}`);
	await terminal.shows(/\n\w+ \w+ \w+/);
	terminal.type(KEYS.interrupt);
	await terminal.shows('Stopped. What was said is kept.');
	await ask(terminal, 'What is 2+3?', '2+3 is 5.');

	terminal.type(`Write 2000 words${KEYS.enter}`);
	await terminal.shows(/Write 2000 words\n[^]*Write 2000 words\n[^]*\w+ \w+ \w+/);
	terminal.type('/st');
	await terminal.shows('\n> /st');
	terminal.type(`op${KEYS.enter}`);
	await terminal.shows(/Stopped\.[^]*Stopped\. What was said is kept\./);
	await prompted(terminal);

	terminal.type(KEYS.interrupt);
	await terminal.shows('(Ctrl-C once more leaves)');
	await prompted(terminal);
	terminal.type(KEYS.interrupt);
	expect(await terminal.ended).toBe(0);
});

test('a tool runs when a person says y, and not when it is n', LONG, async () => {
	const folder = temporaryFolder();
	const terminal = await session({ folder });
	terminal.type(`Save a note: buy milk${KEYS.enter}`);
	await terminal.shows(/save_note asks to run with\n\{\n {2}"title": "buy milk"/);
	await terminal.shows('(a)lways:');
	terminal.type(`what?${KEYS.enter}`);
	await terminal.shows(/what\?\nAllow it/);
	terminal.type(`n${KEYS.enter}`);
	await terminal.shows('✗ save_note denied');
	await prompted(terminal);
	expect(noted(folder)).toBe('');

	terminal.type(`Save a note: buy tea${KEYS.enter}`);
	await terminal.shows(/buy tea[^]*\(a\)lways:/);
	terminal.type(`y${KEYS.enter}`);
	await terminal.shows(/✓ save_note done \(\d+ ms\)/);
	await prompted(terminal);
	await leave(terminal);
	expect(noted(folder)).toMatch(/buy tea/);
});

test('always holds until the session is over', LONG, async () => {
	const folder = temporaryFolder();
	const terminal = await session({ folder });
	terminal.type(`Save a note: buy milk${KEYS.enter}`);
	await terminal.shows('(a)lways:');
	terminal.type(`a${KEYS.enter}`);
	await terminal.shows('✓ save_note done');
	await prompted(terminal);
	terminal.type(`Save a note: buy tea${KEYS.enter}`);
	await terminal.shows(/✓ save_note done[^]*✓ save_note done/);
	await prompted(terminal);
	await leave(terminal);
	expect(
		terminal
			.lines()
			.join('\n')
			.match(/Allow it/g)
	).toHaveLength(1);

	const next = await session({ folder });
	next.type(`Save a note: buy bread${KEYS.enter}`);
	await next.shows('(a)lways:');
	next.type(KEYS.interrupt);
	await prompted(next);
	await leave(next);
	expect(noted(folder)).toMatch(/buy milk[^]*buy tea|buy tea[^]*buy milk/);
	expect(noted(folder)).not.toMatch(/bread/);
});

test('what is pasted is one question, and what is typed meanwhile is the next', LONG, async () => {
	const terminal = await session({ folder: temporaryFolder() });
	terminal.type(KEYS.paste('What is\r4+5?'));
	terminal.type(KEYS.enter);
	await terminal.shows('4+5 is 9.');
	await prompted(terminal);

	terminal.type(`Write 150 words${KEYS.enter}`);
	await terminal.shows(/150 words\n[^]*\w+ \w+ \w+/);
	terminal.type('What is 7*8?');
	await terminal.shows('\n> What is 7*8?');
	terminal.type(KEYS.enter);
	await terminal.shows('7*8 is 56.');
	await prompted(terminal);
	expect(terminal.lines().filter((line) => line === '> What is 7*8?')).toHaveLength(1);
	await leave(terminal);
});

/** One question at a terminal. */
function one(folder: string, question: string) {
	const terminal = openTerminal({ folder, args: [question] });
	onTestFinished(terminal.close);
	return terminal;
}

function words(lines: string[]): string[] {
	return lines.join(' ').match(/[A-Za-z]+/g) ?? [];
}

function noted(folder: string): string {
	const notes = join(folder, 'data/notes');
	if (!existsSync(notes)) return '';
	const files = readdirSync(notes, { recursive: true, withFileTypes: true });
	return files
		.filter((file) => file.isFile())
		.map((file) => readFileSync(join(file.parentPath, file.name), 'utf8'))
		.join('\n');
}
