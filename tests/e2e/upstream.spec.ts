import { globSync, readFileSync } from 'node:fs';
import { startUpstream, type Script, type Upstream } from '../upstream/upstream.ts';
import { answers, ask, expect, settled, test } from './runnel.ts';

const KEY = 'sk-canary-8f2b6c1d9e';

const script: Script = ({ input, messages }) => {
	const asked = JSON.stringify(input ?? messages);
	if (asked.includes('fail')) {
		const body = {
			error: { message: `Incorrect API key provided: ${KEY}.`, code: 'invalid_api_key' }
		};
		return { steps: [], fault: { type: 'status', status: 401, body } };
	}
	if (asked.includes('84 + 1') && !/function_call_output|"role":"tool"/.test(asked)) {
		return {
			steps: [{ call: { name: 'calculate', args: { expression: '84 + 1' } } }]
		};
	}
	return { steps: [{ reasoning: 'Let me see. ' }, { text: 'It is **85**, as it was.' }] };
};

for (const api of ['responses', 'chat_completions'] as const) {
	test.describe(api, () => {
		let upstream: Upstream;
		test.beforeAll(async () => {
			upstream = await startUpstream({ reply: script });
		});
		test.afterAll(() => upstream.stop());
		test.use({
			// eslint-disable-next-line no-empty-pattern -- Playwright wants the fixtures named, and there are none
			env: async ({}, use) => {
				await use({ OPENAI_BASE_URL: upstream.url, OPENAI_API: api, OPENAI_API_KEY: KEY });
			}
		});

		test('an answer with a tool call streams from a model server', async ({ runnel, server }) => {
			await expect(runnel.getByText('This is the built-in demo model.')).toHaveCount(0);
			await ask(runnel, 'What is 84 + 1?');
			await settled(runnel);
			await expect(answers(runnel).last()).toContainText('It is 85, as it was.');
			await expect(answers(runnel).last().locator('strong')).toHaveText('85');
			await expect(answers(runnel).last().locator('details')).not.toHaveCount(0);
			expect(upstream.requests.at(-1)?.headers['authorization']).toBe(`Bearer ${KEY}`);
			expect(await runnel.content()).not.toContain(KEY);
			expect(server.printed()).not.toContain(KEY);
		});

		test('a failure is a sentence, and the key is nowhere', async ({ runnel, server }) => {
			const bodies: string[] = [];
			runnel.on('response', (response) => {
				void response.text().then(
					(text) => bodies.push(text),
					() => undefined
				);
			});
			await ask(runnel, 'Please fail.');
			await expect(
				runnel.getByRole('log').getByText('refused the key. Check OPENAI_API_KEY.')
			).toBeVisible();
			await expect(runnel.getByRole('button', { name: 'Try again' })).toBeVisible();
			await runnel.reload();
			await expect(
				runnel.getByRole('log').getByText('refused the key. Check OPENAI_API_KEY.')
			).toBeVisible();

			expect(await runnel.content()).not.toContain(KEY);
			expect(bodies.join('')).not.toContain('canary');
			expect(server.printed()).not.toContain('canary');
			expect(server.printed()).toContain('model-key-refused');
		});
	});
}

test('no file that the browser loads knows the name of the key', () => {
	const files = globSync('build/client/**/*.js');
	expect(files.length).toBeGreaterThan(5);
	for (const file of files) expect(readFileSync(file, 'utf8')).not.toMatch(/\benv\.OPENAI|apiKey/);
});
