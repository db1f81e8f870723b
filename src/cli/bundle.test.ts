import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/cli.ts';

/** Says which files a process and its threads load. */
const HOOK = `import { registerHooks } from 'node:module';
import { writeSync } from 'node:fs';
registerHooks({ load(url, context, next) {
	if (url.startsWith('file:')) writeSync(2, 'loaded ' + url + '\\n');
	return next(url, context);
} });`;

test('an answer in the process loads a few files of the bundle, not a thousand', () => {
	const runnel = join(import.meta.dirname, 'runnel.js');
	const { status, stdout, stderr } = spawnSync(process.execPath, [runnel, 'What is 2+3?'], {
		cwd: temporaryFolder(),
		env: {
			PATH: process.env['PATH'],
			NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(HOOK)}`
		},
		encoding: 'utf8'
	});
	const loaded = [...stderr.matchAll(/^loaded (.*)$/gm)].map(([, url]) => url ?? '');

	expect(status).toBe(0);
	expect(stdout).toContain('5');
	expect(loaded.filter((url) => url.includes('/bundle/store-worker.js'))).toHaveLength(1);
	expect(loaded.length).toBeLessThan(60);
});
