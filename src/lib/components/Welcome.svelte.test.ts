import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Welcome from './Welcome.svelte';

test('a first visit has a name, a sentence, and four ways to begin', async () => {
	const onstart = vi.fn();
	const screen = await render(Welcome, { demo: false, onstart });
	await expect.element(screen.getByRole('heading', { name: 'Runnel' })).toBeVisible();
	expect(screen.getByRole('button').elements()).toHaveLength(4);
	await screen.getByRole('button', { name: /Calculate/ }).click();
	expect(onstart).toHaveBeenCalledExactlyOnceWith('What is 12*7+1?');
	await expect.element(screen.getByText(/demo model/)).not.toBeInTheDocument();
});

test('on the demo model it says so, and what to set for a real one', async () => {
	const screen = await render(Welcome, { demo: true, onstart: vi.fn() });
	await expect.element(screen.getByText(/built-in demo model/)).toBeVisible();
	await expect.element(screen.getByText('OPENAI_BASE_URL')).toBeVisible();
});
