import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const lock = join(root, 'node_modules/.building');
/** A lock that is older belongs to a build that died, in milliseconds. */
const LOCK_MS = 120_000;

/** The built server, as the Node adapter writes it. */
export const entry = join(root, 'build/index.js');

/**
 * Builds the server when there is no build, or one that is older than the source.
 *
 * @throws {Error} with what the build printed, when it fails
 */
export function buildWhenStale(): void {
	if (!isStale()) return;
	takeLock();
	try {
		if (isStale()) build();
	} finally {
		rmSync(lock, { recursive: true, force: true });
	}
}

function build(): void {
	console.log('Building, once; the next start is immediate.');
	const vite = join(root, 'node_modules/vite/bin/vite.js');
	const { status, stderr } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'error'], {
		cwd: root,
		stdio: ['ignore', 'ignore', 'pipe'],
		encoding: 'utf8',
		env: { ...process.env, NODE_ENV: 'production', VITEST: '' }
	});
	if (status !== 0) throw new Error(`The build failed.\n${stderr}`);
}

function isStale(): boolean {
	if (!existsSync(join(root, 'node_modules/vite'))) return false; // a production install has its build
	if (!existsSync(entry)) return true;
	const built = statSync(entry).mtimeMs;
	const sources = ['src/**/*', 'static/**/*', 'vite.config.ts', 'svelte.config.js', 'package.json'];
	return globSync(sources, { cwd: root, exclude: ['**/*.test.ts'] }).some(
		(file) => statSync(join(root, file)).mtimeMs > built
	);
}

/** Two builds at once would write into each other. */
function takeLock(): void {
	for (;;) {
		try {
			mkdirSync(lock);
			return;
		} catch {
			const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
			if (Date.now() - since > LOCK_MS) rmSync(lock, { recursive: true, force: true });
			else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
		}
	}
}
