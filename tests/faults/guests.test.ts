import { expect, onTestFinished, test } from 'vitest';
import type { RunView } from '#lib/protocol/conversations.ts';
import { follow, textOf } from '../ask.ts';
import { startCli } from '../cli.ts';
import { startServer } from '../server.ts';

test('a server that starts lets a command line finish, and closes what was killed afterwards', async () => {
	const server = await startServer();
	onTestFinished(() => server.remove());
	await server.kill();
	const options = { DATABASE_URL: 'file:runnel.db' };
	const killed = startCli(server.folder, ['--json', 'write 5000 words'], options);
	const alive = startCli(server.folder, ['--json', 'write 4000 words'], options);
	for (const cli of [killed, alive]) {
		cli.child.stdin.end();
		await cli.printed('text-delta');
	}
	killed.child.kill('SIGKILL');
	await killed.done;

	await server.restart();
	const view = async (cli: typeof alive) => {
		const { runId } = JSON.parse(cli.said().split('\n')[0]!) as { runId: string };
		return (await (await fetch(`${server.url}/api/runs/${runId}`)).json()) as RunView;
	};
	expect((await view(alive)).status).toBe('running');
	expect((await view(killed)).status).toBe('running');

	const before = alive.said().length;
	await expect.poll(() => alive.said().length, { timeout: 20_000 }).toBeGreaterThan(before + 1000);
	alive.child.kill('SIGINT');
	const { stdout } = await alive.done;
	const { id, status } = await view(alive);
	expect(status).toBe('stopped');
	const said = stdout.trimEnd().split('\n');
	expect(said.map((line) => JSON.parse(line) as unknown)).toEqual(await follow(server.url, id));
	await expect
		.poll(async () => (await view(killed)).status, { timeout: 20_000 })
		.toBe('interrupted');
	expect(textOf(await follow(server.url, (await view(killed)).id))).not.toBe('');
});
