import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/cli.ts';

const root = join(import.meta.dirname, '../..');
const LOCK = 'package-lock.json';
const BUNDLE = 'node_modules/.cache/runnel/bundle';

/** Says which files a process and its threads load. */
const HOOK = `import { registerHooks } from 'node:module';
import { writeSync } from 'node:fs';
registerHooks({ load(url, context, next) {
	if (url.startsWith('file:')) writeSync(2, 'loaded ' + url + '\\n');
	return next(url, context);
} });`;

test('an answer in the process loads a few files of the bundle, not a thousand', () => {
	const { status, stdout, loaded } = run(root, 'What is 2+3?');

	expect(status).toBe(0);
	expect(stdout).toContain('5');
	expect(loaded.filter((url) => url.includes('/bundle/store-worker.js'))).toHaveLength(1);
	expect(loaded.length).toBeLessThan(60);
});

test('a calculation loads little more', () => {
	const [without, loaded] = ['Write 5 words', 'What is 2+3?'].map((text) => run(root, text).loaded);
	const more = loaded!.filter((url) => !without!.includes(url));
	const sizes = more.map((url) => statSync(fileURLToPath(url)).size);

	expect(sizes.length).toBeGreaterThan(0);
	expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(600_000);
});

const CHANGES = {
	touched: (file: string) => {
		utimesSync(file, new Date(), new Date());
	},
	cut: (file: string) => {
		truncateSync(file, 9);
	},
	gone: (path: string) => {
		rmSync(path, { recursive: true });
	},
	'as it was': () => undefined
};

test.for([
	['/bundle/main.js', BUNDLE, 'as it was'],
	['/bundle/main.js', LOCK, 'touched'],
	['/src/cli/main.ts', LOCK, 'cut'],
	['/src/cli/main.ts', 'package.json', 'touched'],
	['/src/cli/main.ts', 'src/lib/components/markdown/lex.ts', 'touched'],
	['/src/cli/main.ts', 'src/lib/components/markdown/lex.ts', 'gone'],
	['/src/cli/main.ts', `${BUNDLE}/store-worker.js`, 'gone'],
	['/src/cli/main.ts', `${BUNDLE}/main.js`, 'cut'],
	['/src/cli/main.ts', `${BUNDLE}/list.json`, 'cut'],
	['/src/cli/main.ts', `${BUNDLE}/list.json`, 'gone'],
	['/src/cli/main.ts', BUNDLE, 'gone']
] as const)('%s runs when %s is %s', ([taken, path, change]) => {
	const checkout = temporaryFolder();
	for (const name of ['src', 'package.json', LOCK, BUNDLE]) {
		cpSync(join(root, name), join(checkout, name), { recursive: true, preserveTimestamps: true });
	}
	CHANGES[change](join(checkout, path));
	const { status, loaded } = run(checkout, '--version');

	expect(status).toBe(0);
	expect(loaded.filter((url) => /\/main\.[jt]s$/.test(url))).toEqual([
		expect.stringContaining(taken)
	]);
});

test('what Node has compiled does not come to lie in the working folder', () => {
	const cwd = temporaryFolder();
	run(root, '--version', { cwd, NODE_COMPILE_CACHE: '' });
	expect(readdirSync(cwd)).toEqual([]);
});

/** Runs the command line of that checkout to its end. */
function run(
	checkout: string,
	arg: string,
	{ cwd = temporaryFolder(), ...env }: { cwd?: string; NODE_COMPILE_CACHE?: string } = {}
) {
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[join(checkout, 'src/cli/runnel.js'), arg],
		{
			cwd,
			env: {
				PATH: process.env['PATH'],
				NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(HOOK)}`,
				...env
			},
			encoding: 'utf8'
		}
	);
	return {
		status,
		stdout,
		loaded: [...stderr.matchAll(/^loaded (.*)$/gm)].map(([, url]) => url ?? '')
	};
}
