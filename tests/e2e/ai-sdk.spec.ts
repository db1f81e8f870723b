import { answers, ask, expect, settled, test } from './runnel.ts';

test.use({ viewport: { width: 390, height: 780 } });

test('the Chat class sends, stops, regenerates, and resumes after a reload', async ({
	runnel,
	server
}) => {
	await runnel.goto(`${server.url}/ai-sdk`);
	await ask(runnel, 'What is 12*7+1?');
	await settled(runnel);
	await expect(answers(runnel)).toHaveCount(1);
	await expect(answers(runnel).last()).toContainText('85');
	await expect(answers(runnel).last().locator('summary time')).toHaveText(/^[\d.]+ m?s$/);

	await ask(runnel, 'Write 2000 words about a river.');
	await expect.poll(() => answers(runnel).last().innerText()).toMatch(/(\w+\W+){30}/);
	await runnel.reload();
	await expect(runnel.getByRole('button', { name: 'Stop' })).toBeVisible();
	await expect(answers(runnel)).toHaveCount(2);
	await expect.poll(() => answers(runnel).last().innerText()).toMatch(/(\w+\W+){60}/);

	await runnel.getByRole('button', { name: 'Stop' }).click();
	await settled(runnel);
	const { conversations } = (await (await fetch(`${server.url}/api/conversations`)).json()) as {
		conversations: { id: string }[];
	};
	const { runs, messages } = (await (
		await fetch(`${server.url}/api/conversations/${conversations[0]!.id}`)
	).json()) as { runs: []; messages: { role: string; status?: string }[] };
	expect(runs).toEqual([]);
	expect(messages.at(-1)).toMatchObject({ role: 'assistant', status: 'stopped' });

	await runnel.getByRole('button', { name: 'Regenerate' }).last().click();
	await expect(runnel.getByRole('button', { name: 'Stop' })).toBeVisible();
	await expect(answers(runnel)).toHaveCount(2);
	await runnel.getByRole('button', { name: 'Stop' }).click();
	await settled(runnel);
	await expect(runnel.getByRole('article')).toHaveCount(4);
});

test('a question that cannot be brought to the server can be asked again', async ({
	runnel,
	server
}) => {
	await runnel.goto(`${server.url}/ai-sdk`);
	await expect(runnel.getByRole('textbox', { name: 'Message' })).toBeEnabled();
	await runnel.route('**/api/chat', (route) => route.abort(), { times: 6 });
	await ask(runnel, 'What is 12*7+1?');
	const again = runnel.getByRole('button', { name: 'Try again' });
	await expect(again).toBeVisible({ timeout: 50_000 });
	await again.click();
	await settled(runnel);
	await expect(answers(runnel).last()).toContainText('85');
});
