import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = join(import.meta.dirname, '..');
const meter = join(import.meta.dirname, 'meter.ts');
const pinning = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;

/** A program of the bench in a process of its own. */
export interface Process {
	/** What it printed when it was ready. */
	url: string;
	/** Sends a message and resolves with the answer. */
	ask<Answer>(message: unknown): Promise<Answer>;
	stop(): Promise<void>;
}

export interface Launch {
	/** The file to run, from the root of the project, with its arguments. */
	program: string[];
	/** The core it is pinned to, where that can be done. */
	core: 0 | 1;
	env?: Record<string, string>;
	cwd?: string;
	/** It says when it is ready by printing its address. */
	serves?: boolean;
}

/** Starts a program, ready to be asked what it uses; what it prints about errors is shown. */
export async function launch(options: Launch): Promise<Process> {
	const { program, core, env = {}, cwd, serves = true } = options;
	const [file = '', ...rest] = program;
	const command = [process.execPath, '--import', meter, join(root, file), ...rest];
	if (pinning) command.unshift('taskset', '-c', String(core));

	const child = spawn(command[0] ?? '', command.slice(1), {
		cwd,
		stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
		env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env }
	});
	const gone = once(child, 'exit');
	const leave = (code: number | null) => {
		console.error(`${file} ended with ${String(code)}.`);
		process.exit(1);
	};
	child.once('exit', leave);
	let url = '';
	if (serves && child.stdout) {
		for await (const line of createInterface(child.stdout)) {
			url = /http:\S+/.exec(line)?.[0] ?? '';
			if (url) break;
		}
	}
	return {
		url,
		async ask<Answer>(message: unknown) {
			const answer = once(child, 'message');
			child.send(message as object);
			return ((await answer) as [Answer])[0];
		},
		async stop() {
			child.off('exit', leave);
			child.kill('SIGKILL');
			await gone;
		}
	};
}
