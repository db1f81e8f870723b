import { ask as askServer, eventsOf } from '../ask.ts';
import { answers, expect, test } from './runnel.ts';

for (const javaScriptEnabled of [true, false]) {
	const alive = javaScriptEnabled ? 'alive' : 'without its script';
	test(`a conversation that is longer than the page opens at its end, ${alive}`, async ({
		server,
		browser
	}) => {
		let conversationId = '';
		const question = { text: 'Hello.\n'.repeat(200) };
		for await (const event of eventsOf(await askServer(server.url, question))) {
			if (event.type === 'run-start') ({ conversationId } = event);
		}
		const page = await browser.newPage({ javaScriptEnabled });
		await page.goto(`${server.url}/c/${conversationId}`);
		await expect(answers(page)).toBeInViewport({ ratio: 0.9 });
		if (javaScriptEnabled) {
			await page.getByRole('log').press('Home');
			await expect(page.getByRole('button', { name: 'Jump to the newest' })).toBeVisible();
			await expect(answers(page)).not.toBeInViewport();
		}
		await page.close();
	});
}
