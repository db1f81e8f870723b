import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildWhenStale } from '../src/build.ts';
import type { DialectName } from './dialects.ts';
import type { Job, Report } from './load.ts';
import type { Meter } from './meter.ts';
import { launch, type Process } from './processes.ts';
import { tables, type Row } from './table.ts';

/**
 * `npm run bench`: the same load on the server, on a pipe (the physical limit) and on what most
 * people run, side by side in one run. Prints Markdown tables; `docs/speed.md` says how to read them.
 */
const { values } = parseArgs({
	options: {
		streams: { type: 'string', default: '1,50,200,1000' },
		rounds: { type: 'string', default: '3' },
		seconds: { type: 'string', default: '4' },
		servers: { type: 'string', default: 'pipe,runnel,ai-sdk' },
		modes: { type: 'string', default: 'paced,full' }
	}
});
const RATE = 50;
const RAMP_MS = 1000;
const SAMPLE_MS = 200;
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const tokens = RATE * seconds;

const SERVERS: Record<string, { title: string; dialect: DialectName; program: string }> = {
	pipe: { title: 'byte pipe', dialect: 'responses', program: 'bench/pipe.ts' },
	runnel: { title: 'Runnel, every token durable', dialect: 'native', program: 'src/start.ts' },
	'ai-sdk': { title: 'AI SDK, nothing kept', dialect: 'ui-message', program: 'bench/ai-sdk.ts' }
};

buildWhenStale();
const folder = mkdtempSync(join(tmpdir(), 'runnel-bench-'));
const load = await launch({ program: ['bench/load.ts'], core: 1, serves: false });
const upstream = await launch({
	program: ['bench/upstream.ts', '--tokens', String(tokens)],
	core: 1
});
const expected = await wholeAnswer();
const rows: Row[] = [];
for (let round = 0; round < rounds; round++) await runRound(round);
console.log(`\n${headline()}\n\n${tables(rows, RATE)}`);
await Promise.all([load.stop(), upstream.stop()]);
rmSync(folder, { recursive: true });

/** Every server fresh and warmed up; then each load on one after the other. */
async function runRound(round: number): Promise<void> {
	const running: { name: string; server: Process; idle: Meter }[] = [];
	for (const name of values.servers.split(',')) {
		const server = await start(name, round);
		await upstream.ask(null);
		await load.ask(job(name, server, { streams: 50, ramp: 0, repeat: 2000 }));
		running.push({ name, server, idle: await server.ask<Meter>('meter') });
	}
	for (const streams of values.streams.split(',').map(Number)) {
		for (const mode of values.modes.split(',')) {
			for (const { name, server, idle } of running) {
				const paced = mode === 'paced';
				await upstream.ask(paced ? RATE : null);
				const pace = paced ? { ramp: RAMP_MS, repeat: 0 } : { ramp: 0, repeat: 2000 };
				const row = await measure(server, idle, job(name, server, { streams, ...pace }));
				rows.push({ server: serverCalled(name).title, streams, paced, ...row });
				progress(`round ${String(round + 1)}, ${String(streams)} streams, ${mode}: ${name}`, row);
			}
		}
	}
	for (const { server } of running) await server.stop();
}

function start(name: string, round: number): Promise<Process> {
	const { program } = serverCalled(name);
	const env = {
		OPENAI_BASE_URL: upstream.url,
		OPENAI_API_KEY: 'none',
		PORT: '0',
		DATABASE_URL: `file:${basename(name).replace(':', '-')}-${String(round)}.db`
	};
	return launch({ program: [program], core: 0, cwd: folder, env });
}

/** One of the servers above, Runnel on a wire (`wire:typed`), or another checkout of it: `../other`. */
function serverCalled(name: string) {
	if (name.startsWith('wire:')) {
		return { title: name, dialect: name as DialectName, program: 'src/start.ts' };
	}
	return (
		SERVERS[name] ?? {
			title: name,
			dialect: 'native' as const,
			program: join(name, 'src/start.ts')
		}
	);
}

function job(name: string, server: Process, shape: Pick<Job, 'streams' | 'ramp' | 'repeat'>): Job {
	const { dialect } = serverCalled(name);
	return { url: server.url, dialect, expected, ...shape };
}

async function measure(server: Process, idle: Meter, job: Job) {
	const before = await server.ask<Meter>('meter');
	const loading = load.ask<Report>(job);
	let after = before;
	let most = before.memory;
	for (let over = false; !over;) {
		over = await Promise.race([loading.then(() => true), sleep(SAMPLE_MS, false)]);
		after = await server.ask<Meter>('meter');
		most = Math.max(most, after.memory);
	}
	const report = await loading;
	return {
		tokens: report.answers * tokens,
		cpu: after.cpu - before.cpu,
		memory: Math.max(0, most - idle.memory),
		report
	};
}

async function wholeAnswer(): Promise<string> {
	const response = await fetch(`${upstream.url}/responses`, {
		method: 'POST',
		body: JSON.stringify({ model: 'gpt-test', input: 'Hi' })
	});
	const { output } = (await response.json()) as { output: { content: { text: string }[] }[] };
	return output[0]?.content[0]?.text ?? '';
}

function progress(what: string, { cpu, tokens, report }: Pick<Row, 'cpu' | 'tokens' | 'report'>) {
	const faults = Object.keys(report.faults).length > 0 ? JSON.stringify(report.faults) : '';
	console.error(`${what}: ${(cpu / tokens).toFixed(1)} µs/token ${faults}`);
}

function headline(): string {
	const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
	const { model } = cpus()[0] ?? { model: 'unknown processor' };
	return `Commit ${commit}, Node ${process.version}, ${model}, ${values.rounds} rounds, ${String(tokens)} tokens an answer.`;
}
