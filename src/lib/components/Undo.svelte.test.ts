import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { userEvent } from 'vitest/browser';
import Undo from './Undo.svelte';

test('it says what happened, and takes the focus that went away, so that Enter undoes', async () => {
	const onundo = vi.fn();
	const screen = await render(Undo, { sentence: 'Deleted “First”.', onundo });
	await expect.element(screen.getByRole('status')).toHaveTextContent('Deleted “First”. Undo');
	await expect.element(screen.getByRole('button', { name: 'Undo' })).toHaveFocus();
	await userEvent.keyboard('{Enter}');
	expect(onundo).toHaveBeenCalledOnce();
});

test('it takes the focus from nobody', async () => {
	const field = document.createElement('input');
	document.body.append(field);
	field.focus();
	await render(Undo, { sentence: 'Deleted.', onundo: vi.fn() });
	expect(document.activeElement).toBe(field);
	field.remove();
});
