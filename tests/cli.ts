import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

const runnel = join(import.meta.dirname, '../src/cli/runnel.js');

export interface Said {
	stdout: string;
	stderr: string;
	code: number | null;
}

/** A command line that runs: what it prints, and how to talk to it meanwhile. */
export interface Cli {
	child: ChildProcessWithoutNullStreams;
	/** Resolves when standard output holds that text. */
	printed(text: string): Promise<void>;
	/** What it has printed on standard output so far. */
	said(): string;
	done: Promise<Said>;
}

/** A folder of its own for a database, removed after the test. */
export function temporaryFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'runnel-cli-'));
	onTestFinished(() => {
		rmSync(folder, { recursive: true, force: true });
	});
	return folder;
}

/** Starts `runnel` in that folder, with an environment without configuration. */
export function startCli(folder: string, args: string[], env: Record<string, string> = {}): Cli {
	const child = spawn(process.execPath, [runnel, ...args], {
		cwd: folder,
		env: { PATH: process.env['PATH'], ...env }
	});
	onTestFinished(() => void child.kill('SIGKILL'));
	let stdout = '';
	child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
	const stderr = text(child.stderr);
	const done = once(child, 'close').then(async ([code]) => ({
		stdout,
		stderr: await stderr,
		code: code as number | null
	}));
	const printed = async (wanted: string) => {
		while (!stdout.includes(wanted)) {
			if (child.exitCode !== null) throw new Error(`It ended without saying ${wanted}: ${stdout}`);
			await Promise.race([once(child.stdout, 'data'), done]);
		}
	};
	return { child, printed, said: () => stdout, done };
}

/** Runs `runnel` to its end, with that on its standard input. */
export function runCli(
	folder: string,
	args: string[],
	{ input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}
): Promise<Said> {
	const { child, done } = startCli(folder, args, env);
	child.stdin.on('error', () => undefined); // it may leave without having read
	child.stdin.end(input);
	return done;
}
