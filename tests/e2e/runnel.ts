import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { startServer, type TestServer } from '../server.ts';

/**
 * Tests with a built server of their own, on the demo model unless `env` says otherwise, and a page
 * that must come to its end without a violation of the content security policy or an error nobody
 * caught.
 */
export const test = base.extend<{ env: Record<string, string>; server: TestServer; runnel: Page }>({
	env: [{}, { option: true }],
	server: async ({ env }, use) => {
		const server = await startServer(env);
		await use(server);
		await server.remove();
	},
	runnel: async ({ page, server }, use) => {
		const faults = watch(page);
		await page.goto(server.url);
		await use(page);
		expect(faults).toEqual([]);
	}
});

export { expect };

/** What goes wrong in a page without anybody seeing it. */
export function watch(page: Page): string[] {
	const faults: string[] = [];
	page.on('pageerror', (error) => faults.push(error.message));
	page.on('console', (message) => {
		if (/Content Security Policy|hydration/i.test(message.text())) faults.push(message.text());
	});
	return faults;
}

/** Types a question and sends it with Enter. */
export async function ask(page: Page, text: string): Promise<void> {
	const composer = page.getByRole('textbox', { name: 'Message' });
	await composer.fill(text);
	await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled(); // the page is awake
	await composer.press('Enter');
}

/** The answers on the page, oldest first. */
export function answers(page: Page): Locator {
	return page.getByRole('article').filter({ has: page.getByRole('heading', { name: 'Answer' }) });
}

/** Resolves when no answer is under way. */
export async function settled(page: Page): Promise<void> {
	await expect(page.getByRole('button', { name: 'Send' })).toBeVisible({ timeout: 45_000 });
}
