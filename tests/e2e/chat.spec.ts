import { answers, ask, expect, settled, test, watch } from './runnel.ts';

test('a first visit says what this is, and a starter asks and is answered', async ({ runnel }) => {
	await expect(runnel.getByRole('heading', { name: 'Runnel' })).toBeVisible();
	await expect(runnel.getByText('This is the built-in demo model.')).toBeVisible();

	await runnel.getByRole('button', { name: 'Calculate something' }).click();
	await settled(runnel);
	await expect(answers(runnel).last()).toContainText('85');
	await expect(runnel).toHaveURL(/\/c\/[\w-]+$/);
});

test('an answer streams, calls tools, and ends; the question is there at once', async ({
	runnel
}) => {
	await ask(runnel, 'What time is it in Tokyo, and what is 12*7+1?');
	await expect(runnel.getByRole('article').first()).toContainText('What time is it in Tokyo');
	await expect(runnel.getByRole('button', { name: 'Stop' })).toBeVisible();
	await settled(runnel);

	const tools = answers(runnel).last().locator('details');
	await expect(tools).toHaveCount(2);
	await tools.first().locator('summary').click();
	await expect(tools.first()).toContainText('Asia/Tokyo');
	await expect(answers(runnel).last()).toContainText('85');
});

test('stopping keeps what was said, and Regenerate answers the same question anew', async ({
	runnel
}) => {
	await ask(runnel, 'Write 2000 words about a river.');
	await expect.poll(() => answers(runnel).last().innerText()).toMatch(/(\w+\W+){30}/);
	await runnel.keyboard.press('Escape');
	await expect(runnel.getByText('Stopped', { exact: true })).toBeVisible();
	const stopped = await answers(runnel).last().locator('p').first().innerText();

	await runnel.reload();
	await expect(answers(runnel).last()).toContainText(stopped);
	await runnel.getByRole('button', { name: 'Regenerate' }).click();
	await expect(runnel.getByRole('button', { name: 'Stop' })).toBeVisible();
	await expect(runnel.getByText('Stopped', { exact: true })).toHaveCount(0);
	await expect(answers(runnel)).toHaveCount(1);
	await runnel.getByRole('button', { name: 'Stop' }).click();
	await settled(runnel);
});

test('a reload in the middle shows what was said, and the answer goes on', async ({ runnel }) => {
	await ask(runnel, 'Write 300 words about a river.');
	await expect.poll(() => answers(runnel).last().innerText()).toMatch(/(\w+\W+){20}/);
	const before = await answers(runnel).last().locator('p').first().innerText();
	await runnel.reload();
	await expect(runnel.getByRole('button', { name: 'Stop' })).toBeVisible();
	await expect(answers(runnel).last()).toContainText(before.slice(0, 60));

	await settled(runnel);
	await expect(answers(runnel)).toHaveCount(1);
	const live = await answers(runnel).last().innerText();
	await runnel.reload();
	expect(await answers(runnel).last().innerText()).toBe(live);
});

test('two tabs see one run live, and stopping in one stops it in the other', async ({
	runnel,
	context
}) => {
	await ask(runnel, 'Write 2000 words about a river.');
	await expect(runnel).toHaveURL(/\/c\//);
	const other = await context.newPage();
	const faults = watch(other);
	await other.goto(runnel.url());
	await expect.poll(() => answers(other).last().innerText()).toMatch(/(\w+\W+){20}/);

	await other.getByRole('button', { name: 'Stop' }).click();
	await expect(other.getByText('Stopped', { exact: true })).toBeVisible();
	await expect(runnel.getByText('Stopped', { exact: true })).toBeVisible();
	expect(await answers(other).last().innerText()).toBe(await answers(runnel).last().innerText());
	expect(faults).toEqual([]);
});

test('the server is killed in the middle: what was seen stays, and it can be asked again', async ({
	runnel,
	server
}) => {
	await ask(runnel, 'Write 2000 words about a river.');
	await expect.poll(() => answers(runnel).last().innerText()).toMatch(/(\w+\W+){30}/);
	await server.kill('SIGKILL');
	await expect(runnel.getByText('Connection lost.')).toBeVisible();
	const seen = await answers(runnel).last().locator('p').first().innerText();

	await server.restart();
	await expect(answers(runnel).last()).toContainText('The server restarted');
	await expect(answers(runnel).last()).toContainText(seen);
	await expect(runnel.getByText('Connection lost.')).toHaveCount(0);

	await runnel.getByRole('button', { name: 'Try again' }).click();
	await expect(runnel.getByRole('button', { name: 'Stop' })).toBeVisible();
	await expect(answers(runnel)).toHaveCount(1);
});

test('the network drops and comes back: the answer catches up by itself', async ({
	runnel,
	context
}) => {
	await ask(runnel, 'Write 150 words about a river.');
	await expect.poll(() => answers(runnel).last().innerText()).toMatch(/(\w+\W+){10}/);
	await context.setOffline(true);
	await runnel.waitForTimeout(1500);
	await context.setOffline(false);
	await settled(runnel);

	const live = await answers(runnel).last().innerText();
	await runnel.reload();
	expect(await answers(runnel).last().innerText()).toBe(live);
});

test('a draft survives a reload, and Shift+Enter breaks the line', async ({ runnel }) => {
	const composer = runnel.getByRole('textbox', { name: 'Message' });
	await composer.fill('x');
	await expect(runnel.getByRole('button', { name: 'Send' })).toBeEnabled();
	await composer.fill('');
	await composer.pressSequentially('one');
	await composer.press('Shift+Enter');
	await composer.pressSequentially('two');
	await runnel.waitForTimeout(600);
	await runnel.reload();
	await expect(composer).toHaveValue('one\ntwo');
});

test('conversations are listed, opened, renamed and deleted, by keyboard too', async ({
	runnel
}) => {
	await ask(runnel, '1+1');
	await settled(runnel);
	const sidebar = runnel.getByRole('navigation');
	await expect(sidebar.getByRole('link', { name: '1+1' })).toBeVisible();

	await runnel.getByRole('link', { name: 'New conversation' }).press('Enter');
	await expect(runnel).toHaveURL(/\/$/);
	await ask(runnel, '2+2');
	await settled(runnel);
	await sidebar.getByRole('link', { name: '1+1' }).press('Enter');
	await expect(answers(runnel).last()).toContainText('2');
	await expect(answers(runnel)).toHaveCount(1);

	await runnel.goBack();
	await expect(answers(runnel).last()).toContainText('4');
});

test('an unknown address says so, and shows the way on', async ({ runnel, server }) => {
	const response = await runnel.goto(`${server.url}/c/nowhere`);
	expect(response?.status()).toBe(404);
	await expect(runnel.getByRole('link', { name: /new conversation/i }).first()).toBeVisible();
});

test('what the model is made to say is text, never markup', async ({ runnel }) => {
	const hostile =
		'<img src=x onerror="document.title=1"> [x](javascript:document.title=2) **bold**';
	await ask(runnel, hostile);
	await settled(runnel);
	await expect(runnel.getByRole('article').first()).toContainText('<img src=x');
	expect(await runnel.locator('main img, main a[href^="javascript"]').count()).toBe(0);
});

test('200 kB of text are refused with a sentence before they are sent', async ({ runnel }) => {
	const composer = runnel.getByRole('textbox', { name: 'Message' });
	await composer.fill('x'.repeat(200_000));
	await expect(runnel.getByText(/at most 100,000/)).toBeVisible();
	await expect(runnel.getByRole('button', { name: 'Send' })).toBeDisabled();
});

test('the list says where somebody still answers, and where a person is waited for', async ({
	runnel: page
}) => {
	await ask(page, 'write 5000 words');
	await expect(answers(page)).toContainText('The spring');
	await page.getByRole('link', { name: 'New conversation' }).click();
	await ask(page, 'Save a note: milk');
	await expect(page.getByRole('button', { name: 'Allow' })).toBeVisible();
	await page.getByRole('link', { name: 'New conversation' }).click();

	const list = page.getByRole('navigation', { name: 'Conversations' });
	await expect(list.getByRole('link', { name: 'Save a note: milk Waits for you' })).toBeVisible();
	await list.getByRole('link', { name: 'write 5000 words Answering' }).click();
	await page.getByRole('button', { name: 'Stop' }).click();
	await settled(page);
	await page.getByRole('link', { name: 'New conversation' }).click();
	await expect(list.getByRole('link', { name: 'write 5000 words', exact: true })).toBeVisible();
});
