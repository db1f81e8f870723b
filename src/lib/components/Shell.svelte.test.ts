import { createRawSnippet } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import '../../app.css';
import Shell from './Shell.svelte';

const snippet = (html: string) => createRawSnippet(() => ({ render: () => html }));

async function open(width: number, folded = false) {
	await page.viewport(width, 700);
	const onfold = vi.fn();
	const screen = await render(Shell, {
		title: 'A title',
		who: 'Somebody',
		folded,
		onfold,
		sidebar: snippet('<div><a href="#there">A conversation</a></div>'),
		children: snippet('<p>The page</p>')
	});
	const sidebar = screen.getByRole('complementary', { name: 'Sidebar', includeHidden: true });
	return { screen, onfold, sidebar };
}

afterEach(async () => {
	await page.viewport(1280, 800);
});

test('on a wide screen the sidebar stands beside the page, and can be folded away', async () => {
	const { screen, onfold, sidebar } = await open(1280);
	await expect.element(sidebar).toBeVisible();
	await expect.element(screen.getByRole('heading', { name: 'A title', level: 1 })).toBeVisible();
	const button = screen.getByRole('button', { name: 'Fold the sidebar away' });
	await expect.element(button).toHaveAttribute('aria-expanded', 'true');
	await button.click();
	expect(onfold).toHaveBeenCalledExactlyOnceWith(true);
});

test('folded away it leaves its room to the page', async () => {
	const { screen, onfold, sidebar } = await open(1280, true);
	await expect.element(sidebar).not.toBeVisible();
	expect(screen.getByRole('main').element().getBoundingClientRect().left).toBeLessThan(2);
	await screen.getByRole('button', { name: 'Show the sidebar' }).click();
	expect(onfold).toHaveBeenCalledExactlyOnceWith(false);
});

test('on a narrow screen it is a sheet that Escape closes, and the focus returns', async () => {
	const { screen, sidebar } = await open(320);
	await expect.element(sidebar).not.toBeVisible();
	const button = screen.getByRole('button', { name: 'Open the sidebar' });
	(button.element() as HTMLElement).focus();
	await userEvent.keyboard('{Enter}');
	await expect.element(sidebar).toBeVisible();
	await userEvent.keyboard('{Tab}');
	await expect.element(screen.getByRole('link', { name: 'A conversation' })).toHaveFocus();
	await userEvent.keyboard('{Escape}');
	await expect.element(sidebar).not.toBeVisible();
	await expect.element(button).toHaveFocus();
});

test('a link in the sheet closes it', async () => {
	const { screen, sidebar } = await open(320);
	await screen.getByRole('button', { name: 'Open the sidebar' }).click();
	await screen.getByRole('link', { name: 'A conversation' }).click();
	await expect.element(sidebar).not.toBeVisible();
});

test('the keyboard can skip the sidebar', async () => {
	const { screen } = await open(1280);
	await userEvent.keyboard('{Tab}');
	const skip = screen.getByRole('link', { name: 'Skip the sidebar' });
	await expect.element(skip).toHaveFocus();
	await expect.element(skip).toHaveAttribute('href', '#main');
	expect(screen.getByRole('main').element().id).toBe('main');
});
