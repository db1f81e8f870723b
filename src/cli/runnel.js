#!/usr/bin/env node
// plain JavaScript that an old Node reads too: the command line itself is TypeScript, for the project's own
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('main.ts', import.meta.url);
const own = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
	await import(main.href);
} else if (existsSync(own)) {
	const child = spawn(own, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
		process.on(signal, () => child.kill(signal));
	child.on('exit', (code, signal) => {
		process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
	});
} else {
	console.error('runnel: Node 22.18 or newer is needed. "npm ci" in its folder brings one along.');
	process.exitCode = 1;
}
