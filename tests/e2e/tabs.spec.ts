import { ask, expect, settled, test, watch } from './runnel.ts';

test('what begins, is renamed or goes in one tab is seen in the list of the other', async ({
	runnel,
	server
}) => {
	const other = await runnel.context().newPage();
	const faults = watch(other);
	await other.goto(server.url);
	const list = other.getByRole('navigation', { name: 'Conversations' });
	await expect(list).toContainText('No conversations yet.');

	await ask(runnel, 'What is 12*7+1?');
	await expect(list.getByRole('link', { name: 'What is 12*7+1?' })).toBeVisible();
	await settled(runnel);

	await list.getByRole('listitem').hover();
	await list.getByRole('button', { name: 'Rename' }).click();
	await list.getByRole('textbox', { name: 'New title' }).fill('Arithmetic');
	await other.keyboard.press('Enter');
	await expect(runnel.getByRole('heading', { level: 1 })).toHaveText('Arithmetic');

	await list.getByRole('listitem').hover();
	await list.getByRole('button', { name: 'Delete' }).click();
	// until then it can be undone
	await expect(runnel.getByText('No conversations yet.')).toBeVisible();
	expect(faults).toEqual([]);
});

test('a theme that was chosen is there from the first byte', async ({ runnel, server }) => {
	await runnel.emulateMedia({ colorScheme: 'light' });
	const ground = () => runnel.evaluate(() => getComputedStyle(document.body).colorScheme);
	const first = async () => {
		const { cookies } = await runnel.context().storageState();
		const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
		return (await fetch(server.url, { headers: { cookie } })).text();
	};
	expect(await first()).toMatch(/<html lang="en"\s*>/);

	const choice = runnel.getByRole('combobox', { name: 'Theme' });
	await choice.selectOption('Dark');
	await expect.poll(ground).toBe('dark');
	expect(await first()).toContain('<html lang="en" data-theme="dark">');
	await runnel.goto(`${server.url}/ai-sdk`);
	expect(await ground()).toBe('dark');

	await runnel.goBack();
	await expect(choice).toHaveValue('dark');
	await choice.selectOption('Like the system');
	await expect.poll(ground).toBe('light dark');
	expect(await first()).toMatch(/<html lang="en"\s*>/);
});
