import { expect, test } from 'vitest';
import type { Numbered } from '#lib/protocol/events.ts';
import { runCli, startCli, temporaryFolder } from '../../tests/cli.ts';

const MINUTE = 60_000;

test('piped, standard output is the answer and nothing else', { timeout: MINUTE }, async () => {
	const said = await runCli(temporaryFolder(), ['What is 12*7+1?']);
	expect(said.stdout).toBe('Let me look.\n\n`12*7+1` is **85**.\n');
	expect(said.stderr).toMatch(/^✓ calculate done \(.+\)\n$/);
	expect(said.code).toBe(0);
});

test(
	'what is piped in is asked after the prompt, and --quiet says no more than the answer',
	{ timeout: MINUTE },
	async () => {
		const folder = temporaryFolder();
		const said = await runCli(folder, ['--quiet', 'What is'], { input: '3*5?\n' });
		expect(said).toEqual({ stdout: 'Let me look.\n\n`3*5` is **15**.\n', stderr: '', code: 0 });
		const alone = await runCli(folder, [], { input: 'What is 3*6?' });
		expect(alone.stdout).toContain('**18**');
	}
);

test('--json prints native events, one a line, without a hole', { timeout: MINUTE }, async () => {
	const { stdout, code } = await runCli(temporaryFolder(), ['--json', 'What is 1+1?']);
	const events = stdout
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as Numbered);
	expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
	expect(events[0]).toMatchObject({ type: 'run-start', agent: 'assistant' });
	expect(events.at(-1)).toMatchObject({ type: 'run-end', reason: 'done' });
	expect(code).toBe(0);
});

test(
	'--continue and --conversation go on where the last question was',
	{ timeout: 2 * MINUTE },
	async () => {
		const folder = temporaryFolder();
		const nothing = await runCli(folder, ['-c', 'x']);
		expect(nothing).toMatchObject({ code: 1, stdout: '' });
		expect(nothing.stderr).toBe('runnel: There is no conversation to go on with yet.\n');

		const { stdout } = await runCli(folder, ['--json', 'Good morning, river']);
		const { conversationId } = JSON.parse(stdout.split('\n')[0]!) as { conversationId: string };
		const again = await runCli(folder, ['--continue', 'What did I ask first?']);
		expect(again.stdout).toContain('Good morning, river');
		const named = await runCli(folder, ['--conversation', conversationId, 'What did I ask first?']);
		expect(named.stdout).toContain('Good morning, river');
		const wrong = await runCli(folder, ['--conversation', 'nobody', 'Hello']);
		expect(wrong).toEqual({
			stdout: '',
			stderr: 'runnel: There is no such conversation.\n',
			code: 1
		});
	}
);

test('Ctrl-C stops the run and keeps what was said', { timeout: 2 * MINUTE }, async () => {
	const folder = temporaryFolder();
	const cli = startCli(folder, ['write 5000 words']);
	cli.child.stdin.end();
	await cli.printed(' ');
	cli.child.kill('SIGINT');
	const { stdout, code } = await cli.done;
	expect(code).toBe(130);
	expect(stdout.length).toBeGreaterThan(1);
	expect(stdout.split(' ').length).toBeLessThan(4000);

	const again = await runCli(folder, ['--continue', 'What did I ask first?']);
	expect(again.stdout).toContain('write 5000 words');
	expect(again.code).toBe(0);
});

test(
	'an answer whose process was killed is closed by who finds it, and the conversation goes on',
	{ timeout: MINUTE },
	async () => {
		const folder = temporaryFolder();
		const killed = [];
		for (const words of [5000, 4000]) {
			const cli = startCli(folder, ['--json', `write ${words} words`]);
			cli.child.stdin.end();
			await cli.printed('text-delta');
			cli.child.kill('SIGKILL');
			const { stdout } = await cli.done;
			killed.push(JSON.parse(stdout.split('\n')[0]!) as { runId: string; conversationId: string });
		}
		const [first, second] = killed;
		const followed = await runCli(folder, ['--follow', first!.runId]);
		expect(followed.code).toBe(1);
		expect(followed.stderr).toContain('restarted while this was being answered');

		const conversation = ['--conversation', second!.conversationId];
		const { stdout, code } = await runCli(folder, [...conversation, 'What did I ask first?']);
		expect(stdout).toContain('write 4000 words');
		expect(code).toBe(0);
	}
);

test(
	'while another process answers in a conversation it is busy',
	{ timeout: MINUTE },
	async () => {
		const folder = temporaryFolder();
		const cli = startCli(folder, ['--json', 'write 5000 words']);
		cli.child.stdin.end();
		await cli.printed('text-delta');
		const { stderr, code } = await runCli(folder, ['--continue', 'And now?']);
		expect(code).toBe(1);
		expect(stderr).toMatch(/being answered\. runnel --follow \S+ shows it\.\n$/);
		expect(cli.child.exitCode).toBe(null);
		cli.child.kill('SIGINT');
		expect((await cli.done).stdout).toContain('"reason":"stopped"');
	}
);

test(
	'a call that a person must allow is left open without a terminal, and told',
	{ timeout: 2 * MINUTE },
	async () => {
		const folder = temporaryFolder();
		const said = await runCli(folder, ['Save a note: buy milk']);
		expect(said.code).toBe(1);
		const [, runId] = /save_note waits for a decision.*--follow (\S+)/.exec(said.stderr) ?? [];
		const again = await runCli(folder, ['--follow', runId!]);
		expect(again).toEqual(said);
	}
);

test.for([
	[['--bad'], 2, "runnel: Unknown option '--bad'. See runnel --help.\n"],
	[[], 2, 'runnel: There is nothing to ask. See runnel --help.\n'],
	[['--agent', 'nobody', 'x'], 1, 'runnel: There is no such agent. The agents are: assistant.\n'],
	[['--model', 'none', 'x'], 1, 'runnel: There is no such model. The models are: demo.\n'],
	[['--follow', 'nothing'], 1, 'runnel: There is no such run.\n']
] as const)('%j ends with %i and a sentence', { timeout: MINUTE }, async ([args, code, stderr]) => {
	expect(await runCli(temporaryFolder(), [...args])).toEqual({ stdout: '', stderr, code });
});

test(
	'a configuration that cannot be used is told as at the start of a server',
	{ timeout: MINUTE },
	async () => {
		const said = await runCli(temporaryFolder(), ['x'], { env: { PORT: 'many' } });
		expect(said.code).toBe(1);
		expect(said.stderr).toContain('PORT is not usable');
		expect(said.stderr).not.toContain('    at ');
	}
);

test('a reader who has seen enough ends it', { timeout: MINUTE }, async () => {
	const cli = startCli(temporaryFolder(), ['write 5000 words']);
	cli.child.stdin.end();
	await cli.printed(' ');
	cli.child.stdout.destroy();
	expect((await cli.done).code).toBe(141);
});
