import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { answers, ask, expect, settled, test } from './runnel.ts';

for (const path of ['/', '/ai-sdk']) {
	test(`at ${path} a tool waits for Allow, also after a reload and a restart`, async ({
		runnel: page,
		server
	}) => {
		await page.goto(server.url + path);
		await ask(page, 'Save a note: buy milk');
		const allow = page.getByRole('button', { name: 'Allow' });
		await expect(allow).toBeVisible();
		await expect(page.getByText('"text": "buy milk"')).toBeVisible();
		await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();

		await server.restart('SIGKILL');
		await page.reload();
		await expect(allow).toBeVisible();
		expect(readdirSync(server.folder)).not.toContain('notes');
		await allow.click();

		await settled(page);
		await expect(answers(page)).toHaveCount(1);
		await expect(answers(page)).toContainText('It is saved as notes/buy-milk.md.');
		await expect(allow).toBeHidden();
		expect(readdirSync(join(server.folder, 'notes'))).toEqual(['buy-milk.md']);
		await page.reload();
		await expect(answers(page)).toContainText('It is saved as notes/buy-milk.md.');
	});

	test(`at ${path} a tool that is denied is not run, and the answer goes on`, async ({
		runnel: page,
		server
	}) => {
		await page.goto(server.url + path);
		await ask(page, 'What is 2+3? Save a note: five');
		await page.getByRole('button', { name: 'Deny' }).click();

		await settled(page);
		await expect(answers(page)).toHaveCount(1);
		await expect(answers(page)).toContainText('It was not saved.');
		await expect(page.getByText('Denied')).toBeVisible();
		expect(readdirSync(server.folder)).not.toContain('notes');
	});

	test(`at ${path} an answer that waits can be stopped`, async ({ runnel: page, server }) => {
		await page.goto(server.url + path);
		await ask(page, 'Save a note: buy milk');
		await expect(page.getByRole('button', { name: 'Allow' })).toBeVisible();
		await page.getByRole('button', { name: 'Stop' }).click();

		await settled(page);
		await expect(page.getByText('Not decided')).toBeVisible();
		await expect(page.getByRole('button', { name: 'Allow' })).toBeHidden();
		await ask(page, 'What is 1+1?');
		await expect(answers(page).last()).toContainText('2');
	});
}

test('decided in one tab, the answer goes on in all of them', async ({ runnel: page, context }) => {
	await ask(page, 'Save a note: buy milk');
	await expect(page.getByRole('button', { name: 'Allow' })).toBeVisible();
	const id = /\/c\/([\w-]+)/.exec(page.url())?.[1] ?? '';
	const other = await context.newPage();
	await other.goto(page.url());
	const sdk = await context.newPage();
	await sdk.goto(new URL(`/ai-sdk/${id}`, page.url()).href);
	for (const tab of [other, sdk]) {
		await expect(tab.getByRole('button', { name: 'Allow' })).toBeVisible();
	}

	await other.getByRole('button', { name: 'Allow' }).click();
	for (const tab of [page, other, sdk]) {
		await expect(answers(tab)).toContainText('It is saved as');
		await expect(tab.getByRole('button', { name: 'Allow' })).toBeHidden();
	}
});
