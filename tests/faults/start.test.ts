import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../server.ts';

const start = join(import.meta.dirname, '../../src/start.ts');
let server: TestServer;

beforeAll(async () => {
	server = await startServer();
	writeFileSync(join(server.folder, 'letter.txt'), 'This is no database. '.repeat(100));
});
afterAll(() => server.remove());

test.for<[string, () => Record<string, string>, string[]]>([
	[
		'a second server of one database, which would end the runs of the first',
		() => ({ PORT: '0', DATABASE_URL: 'file:runnel.db' }),
		['Another process serves the database file:runnel.db. End that one first, or']
	],
	[
		'a port that is taken',
		() => ({ PORT: new URL(server.url).port, DATABASE_URL: ':memory:' }),
		['Port ', ' is taken, by another Runnel perhaps. End that one, or choose another']
	],
	[
		'an address that this machine does not have',
		() => ({ PORT: '0', HOST: '203.0.113.5', DATABASE_URL: ':memory:' }),
		['This machine does not have the address 203.0.113.5. Choose another with HOST.']
	],
	[
		'a file that is no database',
		() => ({ PORT: '0', DATABASE_URL: 'file:letter.txt' }),
		['The database file:letter.txt cannot be opened.', 'not a database']
	]
])('%s is refused with a sentence', async ([, env, sentences]) => {
	const { code, stderr } = await run(env());
	for (const sentence of sentences) expect(stderr).toContain(sentence);
	expect(stderr).not.toMatch(/^\s+at /m);
	expect(code).toBe(1);
});

function run(env: Record<string, string>): Promise<{ code: unknown; stderr: string }> {
	const options = {
		cwd: server.folder,
		env: { PATH: process.env['PATH'], ...env },
		timeout: 25_000
	};
	return new Promise((resolve) => {
		execFile(process.execPath, [start], options, (error, _, stderr) => {
			resolve({ code: error?.code, stderr });
		});
	});
}
