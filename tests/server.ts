import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '..');

/** The built server as a process of its own, on a free port of this machine. */
export interface TestServer {
	url: string;
	pid: number;
	/** Where its data is. */
	folder: string;
	/** What it has printed so far, on both outputs. */
	printed(): string;
	/** Ends the process with that signal, and resolves when it is gone. */
	kill(signal?: NodeJS.Signals): Promise<void>;
	/** Ends the process and starts another one on the same data and port. */
	restart(signal?: NodeJS.Signals): Promise<void>;
	/** Ends the process and removes its data. */
	remove(): Promise<void>;
}

/** Starts the server as `npm start` does; `env` is added to an environment without configuration. */
export async function startServer(env: Record<string, string> = {}): Promise<TestServer> {
	const folder = mkdtempSync(join(tmpdir(), 'runnel-'));
	const output: string[] = [];
	const launch = (port: string) =>
		spawn(process.execPath, [join(root, 'src/start.ts')], {
			cwd: folder,
			stdio: ['ignore', 'pipe', 'pipe'],
			env: { PATH: process.env['PATH'], PORT: port, DATABASE_URL: 'file:runnel.db', ...env }
		});
	let child = launch('0');
	let url = await addressOf(child, output);

	const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
		if (child.exitCode !== null || child.signalCode !== null) return;
		const gone = once(child, 'exit');
		child.kill(signal);
		await gone;
	};
	return {
		get url() {
			return url;
		},
		get pid() {
			return child.pid ?? 0;
		},
		folder,
		printed: () => output.join('\n'),
		kill,
		async restart(signal) {
			await kill(signal);
			// meanwhile a connection of somebody else may hold the port for a moment
			for (let tries = 20; ; tries--) {
				child = launch(new URL(url).port);
				try {
					url = await addressOf(child, output);
					return;
				} catch (cause) {
					if (tries === 0 || !/in use|EADDRINUSE/.test(String(cause))) throw cause;
					await sleep(500);
				}
			}
		},
		async remove() {
			await kill();
			rmSync(folder, { recursive: true, force: true });
		}
	};
}

async function addressOf(child: ChildProcess, output: string[]): Promise<string> {
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	for (const stream of [child.stdout, child.stderr]) {
		if (!stream) continue;
		createInterface(stream).on('line', (line) => {
			output.push(line);
			const [, address] = /^Runnel is at (\S+)/.exec(line) ?? [];
			if (address) resolve(address);
		});
	}
	child.once('exit', () => {
		reject(new Error(`The server did not start.\n${output.join('\n')}`));
	});
	return promise;
}
