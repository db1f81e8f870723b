import { spawn } from 'node:child_process';
import { follow, textOf } from '../ask.ts';
import { FOLLOWERS } from '../clients/followers.ts';
import { answers, expect, settled, test } from './runnel.ts';

const WATCHERS = ['our command line', 'the ws package', "AG-UI's HttpAgent"];

test('one run that curl began is watched by everybody at once, cut and resumed, with one text', async ({
	runnel,
	server
}) => {
	const curl = spawn(
		'curl',
		[
			'-sN',
			...['-H', 'content-type: application/json'],
			...['-d', '{"text":"Write 250 words about a river."}', `${server.url}/api/runs`]
		],
		{ stdio: ['ignore', 'pipe', 'ignore'] }
	);
	const begun = await new Promise<{ runId: string; conversationId: string } | undefined>(
		(resolve) => {
			let said = '';
			curl.on('error', () => {
				resolve(undefined);
			});
			curl.stdout.on('data', (chunk: Buffer) => {
				said += chunk.toString();
				const [, start] = /data: (\{.*"run-start".*\})\n/.exec(said) ?? [];
				if (start) resolve(JSON.parse(start) as { runId: string; conversationId: string });
			});
		}
	);
	test.skip(!begun, 'curl is not on this machine');
	const { runId, conversationId } = begun!;
	curl.kill(); // curl is cut; the run goes on

	const [texts] = await Promise.all([
		Promise.all(
			WATCHERS.map((name) => FOLLOWERS[name]!(server.url, { runId, conversationId }, 200))
		),
		(async () => {
			await runnel.goto(`${server.url}/c/${conversationId}`);
			await expect.poll(() => answers(runnel).last().innerText()).toMatch(/(\w+\W+){20}/);
			await runnel.reload();
			await settled(runnel);
		})()
	]);

	const whole = textOf(await follow(server.url, runId));
	expect(whole.split(/\s+/).length).toBeGreaterThan(200);
	for (const text of texts) expect(text.trim()).toBe(whole.trim());
	const squeezed = (text: string) => text.replaceAll(/[\s*#_`]+/g, '');
	expect(squeezed(await answers(runnel).last().innerText())).toContain(squeezed(whole));
});
