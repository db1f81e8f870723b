import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../cli.ts';
import { ask, leave, prompted, session } from './session.ts';
import { KEYS } from './terminal.ts';

const LONG = { timeout: 240_000 };
const state = (folder: string) => join(folder, '.local/state/runnel/history');

test('what was asked comes back with the arrow up, in the next session too', LONG, async () => {
	const folder = temporaryFolder();
	const first = await session({ folder });
	await ask(first, 'What is 2+3?', '2+3 is 5.');
	first.type(`What is\\${KEYS.enter}4+5?${KEYS.enter}`);
	await first.shows('4+5 is 9.');
	await leave(first);
	expect(readFileSync(state(folder), 'utf8')).toBe('What is 2+3?\nWhat is ↵ 4+5?\n');
	expect(statSync(state(folder)).mode & 0o777).toBe(0o600);

	const second = await session({ folder });
	second.type(KEYS.up);
	await second.shows('> What is ↵ 4+5?');
	second.type(KEYS.up);
	await second.shows('> What is 2+3?');
	second.type(KEYS.enter);
	await second.shows('2+3 is 5.');
	second.type(KEYS.up + KEYS.up + KEYS.enter);
	await second.shows('4+5 is 9.');
	expect(second.lines().filter((line) => line.includes('4+5?')).length).toBeGreaterThan(0);
	await leave(second);
});

test('sessions side by side keep what each asked, and at most a thousand lines', LONG, async () => {
	const folder = temporaryFolder();
	mkdirSync(join(folder, '.local/state/runnel'), { recursive: true });
	writeFileSync(
		state(folder),
		Array.from({ length: 1500 }, (_, n) => `old ${String(n)}\n`).join('')
	);
	const [one, two] = await Promise.all([
		session({ folder, env: { DATABASE_URL: 'file:one.db' } }),
		session({ folder, env: { DATABASE_URL: 'file:two.db' } })
	]);
	await ask(one, 'What is 1+1?', '1+1 is 2.');
	await ask(two, 'What is 1+2?', '1+2 is 3.');
	await ask(one, 'What is 1+3?', '1+3 is 4.');
	await Promise.all([leave(one), leave(two)]);
	const lines = readFileSync(state(folder), 'utf8').trimEnd().split('\n');
	expect(lines.slice(-4)).toEqual(['old 1499', 'What is 1+1?', 'What is 1+2?', 'What is 1+3?']);
	expect(lines).toHaveLength(1003);
});

test('a history that cannot be read or written stops nobody', LONG, async () => {
	const folder = temporaryFolder();
	mkdirSync(state(folder), { recursive: true });
	const terminal = await session({ folder });
	await ask(terminal, 'What is 2+3?', '2+3 is 5.');
	terminal.type(KEYS.up);
	await terminal.shows(/> What is 2\+3\?$/);
	await leave(terminal);
});

test('what an answer to a question of the session was is not remembered', LONG, async () => {
	const folder = temporaryFolder();
	const terminal = await session({ folder });
	terminal.type(`Save a note: buy milk${KEYS.enter}`);
	await terminal.shows('(a)lways:');
	terminal.type(`y${KEYS.enter}`);
	await terminal.shows('save_note done');
	await prompted(terminal);
	terminal.type(KEYS.up);
	await terminal.shows(/> Save a note: buy milk$/);
	await leave(terminal);
});
