import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { userEvent } from 'vitest/browser';
import '../../app.css';
import Sidebar from './Sidebar.svelte';

const conversations = ['First', 'Second'].map((title, index) => ({
	id: `c${String(index + 1)}`,
	title,
	createdAt: 0,
	updatedAt: 0
}));

async function open(rest: Partial<Parameters<typeof render<typeof Sidebar>>[1]> = {}) {
	const props = { conversations, current: 'c2', onrename: vi.fn(), onremove: vi.fn(), ...rest };
	return { ...props, screen: await render(Sidebar, props) };
}

test('conversations are links, and the open one is marked', async () => {
	const { screen } = await open();
	const nav = screen.getByRole('navigation', { name: 'Conversations' });
	await expect.element(nav.getByRole('link', { name: 'First' })).toHaveAttribute('href', '/c/c1');
	const second = nav.getByRole('link', { name: 'Second' });
	await expect.element(second).toHaveAttribute('aria-current', 'page');
	const begin = screen.getByRole('link', { name: 'New conversation' });
	await expect.element(begin).toHaveAttribute('href', '/');
});

test('a conversation says that it is being answered or waits, where it is not open', async () => {
	const under = (['running', 'paused'] as const).map((status, index) => ({
		...conversations[index]!,
		status
	}));
	const { screen } = await open({ conversations: under, current: undefined });
	const links = screen.getByRole('navigation', { name: 'Conversations' }).getByRole('link');
	await expect.element(links.nth(0)).toHaveAccessibleName('First Answering');
	await expect.element(links.nth(1)).toHaveAccessibleName('Second Waits for you');
	await screen.rerender({ current: 'c2' });
	await expect.element(links.nth(1)).toHaveAccessibleName('Second');
});

test('an empty list says so', async () => {
	const { screen } = await open({ conversations: [], current: undefined });
	await expect.element(screen.getByText(/^No conversations yet/)).toBeVisible();
});

test('a conversation is renamed by keyboard, and the focus comes back', async () => {
	const { screen, onrename } = await open();
	const button = screen.getByRole('button', { name: 'Rename First' });
	button.element().closest('li')!.querySelector('a')!.focus();
	await userEvent.keyboard('{Tab}{Enter}');
	await expect.element(screen.getByRole('textbox', { name: 'New title' })).toHaveFocus();
	await userEvent.keyboard('Better{Enter}');
	expect(onrename).toHaveBeenCalledExactlyOnceWith('c1', 'Better');
	await expect.element(button).toHaveFocus();
});

test.for(['Escape', 'Enter'])('a title that was not changed is not saved by %s', async (key) => {
	const { screen, onrename } = await open();
	await screen.getByRole('link', { name: 'First' }).hover();
	await screen.getByRole('button', { name: 'Rename First' }).click();
	await userEvent.keyboard(key === 'Escape' ? 'Other{Escape}' : '{Enter}');
	await expect.element(screen.getByRole('link', { name: 'First' })).toBeVisible();
	expect(onrename).not.toHaveBeenCalled();
});

test('a conversation is removed', async () => {
	const { screen, onremove } = await open();
	await screen.getByRole('link', { name: 'First' }).hover();
	await screen.getByRole('button', { name: 'Delete First' }).click();
	expect(onremove).toHaveBeenCalledExactlyOnceWith('c1');
});

test('older conversations are asked for', async () => {
	const onmore = vi.fn();
	const { screen } = await open({ onmore });
	await screen.getByRole('button', { name: 'Show older conversations' }).click();
	expect(onmore).toHaveBeenCalledOnce();
});
