import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimDatabase, haveAlone, joinDatabase, keepOut } from './presence.ts';

let folder = '';
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'runnel-claim-'));
});
afterEach(() => {
	rmSync(folder, { recursive: true });
});

test('a database that another process serves is refused, and had when that one was killed', async () => {
	const url = `file:${join(folder, 'new/runnel.db')}`;
	const module = JSON.stringify(new URL('./presence.ts', import.meta.url).href);
	const program = `
		(await import(${module})).claimDatabase(${JSON.stringify(url)});
		console.log('has it');
		setInterval(() => {}, 1000);`;
	const other = spawn(process.execPath, ['--input-type=module', '--eval', program], {
		stdio: ['ignore', 'pipe', 'inherit']
	});
	await once(other.stdout, 'data');
	expect(() => claimDatabase(url, 0)).toThrow(
		/^Another process serves the database .*DATABASE_URL/
	);

	other.kill('SIGKILL');
	await once(other, 'exit');
	const release = claimDatabase(url, 0);
	release();
	claimDatabase(url, 0)();
	expect(() => claimDatabase(':memory:')).not.toThrow();
});

test('any number may join, and whoever would close their runs is kept out until they left', () => {
	const url = `file:${join(folder, 'runnel.db')}`;
	const server = claimDatabase(url, 0);
	const [ada, bob] = [joinDatabase(url), joinDatabase(url)];
	expect(keepOut(url)).toBeUndefined();
	ada();
	ada();
	expect(keepOut(url)).toBeUndefined();
	bob();
	keepOut(url)!();
	expect(haveAlone(url)).toBeUndefined();
	server();
	haveAlone(url)!();
	joinDatabase(url)();
});
