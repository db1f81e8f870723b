import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildWhenStale } from '../src/build.ts';

/** Runs once before the tests, of Vitest and of Playwright: many start the built server, and none should build it. */
export default function build(): void {
	buildWhenStale();
	const bundle = join(import.meta.dirname, '../src/cli/bundle.ts');
	const { status, stderr } = spawnSync(process.execPath, [bundle], {
		encoding: 'utf8',
		timeout: 60_000
	});
	if (status !== 0) throw new Error(`The command line could not be bundled.\n${stderr}`);
}
