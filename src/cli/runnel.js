#!/usr/bin/env node
// plain JavaScript that an old Node reads too: the command line itself is TypeScript, for the project's own
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const LOCK = 'package-lock.json';
const root = fileURLToPath(new URL('../../', import.meta.url));
const source = join(root, 'src/cli/main.ts');
const cache = join(root, 'node_modules/.cache/runnel');
const bundle = join(cache, 'bundle');
const own = join(root, 'node_modules/node/bin/node');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
	// what was compiled once is kept, for threads too, which look into the environment
	process.env.NODE_COMPILE_CACHE ||= cache;
	module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
	await import(pathToFileURL(isFresh() ? join(bundle, 'main.js') : source).href);
} else if (existsSync(own)) {
	const child = spawn(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
		stdio: 'inherit'
	});
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
		process.on(signal, () => child.kill(signal));
	child.on('exit', (code, signal) => {
		process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
	});
} else {
	console.error('runnel: Node 22.18 or newer is needed. "npm ci" in its folder brings one along.');
	process.exitCode = 1;
}

/** The bundle is there and whole, and nothing that went into it has changed. */
function isFresh() {
	try {
		const { began, sources, sizes } = JSON.parse(readFileSync(join(bundle, 'list.json'), 'utf8'));
		const isOlder = (file) => statSync(join(root, file)).mtimeMs < began;
		return (
			Object.entries(sizes).every(([name, size]) => statSync(join(bundle, name)).size === size) &&
			sources.every(isOlder) &&
			(isOlder(LOCK) || isSameLock())
		);
	} catch {
		return false; // something is missing
	}
}

/** npm writes that file anew without a change, too. */
function isSameLock() {
	return readFileSync(join(root, LOCK)).equals(readFileSync(join(bundle, LOCK)));
}
