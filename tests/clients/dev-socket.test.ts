import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';

const root = join(import.meta.dirname, '../..');

test(
	'the development server speaks WebSocket too, beside Vite’s own',
	{ timeout: 120_000 },
	async () => {
		const folder = mkdtempSync(join(tmpdir(), 'runnel-'));
		const vite = spawn(
			process.execPath,
			[join(root, 'node_modules/vite/bin/vite.js'), 'dev', '--port', '0', '--host', '127.0.0.1'],
			{
				cwd: root,
				stdio: ['ignore', 'pipe', 'inherit'],
				env: {
					PATH: process.env['PATH'],
					HOME: process.env['HOME'],
					DATABASE_URL: `file:${join(folder, 'runnel.db')}`
				}
			}
		);
		try {
			let port: string | undefined;
			for await (const line of createInterface(vite.stdout)) {
				[, port] = /:(\d+)\/?\s*$/.exec(stripVTControlCharacters(line)) ?? [];
				if (port) break;
			}
			const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/api/ws`);
			await once(socket, 'open');
			socket.send('{"message":"hi"}');
			const [data] = (await once(socket, 'message')) as [Buffer];
			expect(JSON.parse(data.toString())).toHaveProperty('StreamingToken.index', 0);
			socket.terminate();
		} finally {
			const gone = once(vite, 'exit');
			vite.kill('SIGKILL');
			await gone;
			rmSync(folder, { recursive: true, force: true });
		}
	}
);
