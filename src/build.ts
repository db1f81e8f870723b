import { spawnSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** The built server, as the Node adapter writes it. */
export const entry = join(root, 'build/index.js');

/** Builds the server when there is no build, or one that is older than the source. */
export function buildWhenStale(): void {
	if (!isStale()) return;
	console.log('Building, once; the next start is immediate.');
	const vite = join(root, 'node_modules/vite/bin/vite.js');
	const { status } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'error'], {
		cwd: root,
		stdio: ['ignore', 'inherit', 'inherit'],
		env: { ...process.env, NODE_ENV: 'production', VITEST: '' }
	});
	if (status === 0) return;
	console.error('The build failed; the lines above say why.');
	process.exit(1);
}

function isStale(): boolean {
	if (!existsSync(join(root, 'node_modules/vite'))) return false; // a production install has its build
	if (!existsSync(entry)) return true;
	const built = statSync(entry).mtimeMs;
	return globSync(
		['src/**/*', 'static/**/*', 'vite.config.ts', 'svelte.config.js', 'package.json'],
		{
			cwd: root,
			exclude: ['**/*.test.ts']
		}
	).some((file) => statSync(join(root, file)).mtimeMs > built);
}
