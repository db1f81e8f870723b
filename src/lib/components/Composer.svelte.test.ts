import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { userEvent } from 'vitest/browser';
import '../../app.css';
import Composer from './Composer.svelte';

async function open(rest: { draft?: string; busy?: boolean } = {}) {
	const props = { draft: '', busy: false, onsend: vi.fn(), onstop: vi.fn(), ...rest };
	const screen = await render(Composer, props);
	return { ...props, screen, field: screen.getByRole('textbox', { name: 'Message' }) };
}

test('Enter sends, and the field is empty and keeps the focus', async () => {
	const { field, onsend } = await open();
	await field.fill('Hello');
	await userEvent.keyboard('{Enter}');
	expect(onsend).toHaveBeenCalledExactlyOnceWith('Hello');
	await expect.element(field).toHaveValue('');
	await expect.element(field).toHaveFocus();
});

test('Shift+Enter breaks the line', async () => {
	const { field, onsend } = await open();
	await field.click();
	await userEvent.keyboard('one{Shift>}{Enter}{/Shift}two');
	await expect.element(field).toHaveValue('one\ntwo');
	expect(onsend).not.toHaveBeenCalled();
});

test('Enter while an input method composes does not send', async () => {
	const { field, onsend } = await open({ draft: 'にほん' });
	const press = (rest: object) =>
		field
			.element()
			.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, ...rest }));
	press({ isComposing: true });
	press({ keyCode: 229 });
	expect(onsend).not.toHaveBeenCalled();
	press({ keyCode: 13 });
	expect(onsend).toHaveBeenCalledOnce();
});

test('the button sends, but not when there is nothing to send', async () => {
	const { screen, field, onsend } = await open();
	const button = screen.getByRole('button', { name: 'Send' });
	await field.fill('  \n ');
	await expect.element(button).toBeDisabled();
	await userEvent.keyboard('{Enter}');
	expect(onsend).not.toHaveBeenCalled();
	await field.fill('Hello');
	await button.click();
	expect(onsend).toHaveBeenCalledExactlyOnceWith('Hello');
});

test('while an answer is under way, Stop is where Send was, and the next question can be written', async () => {
	const { screen, field, onsend, onstop } = await open({ busy: true });
	await field.fill('Next');
	await userEvent.keyboard('{Enter}');
	expect(onsend).not.toHaveBeenCalled();
	await expect.element(field).toHaveValue('Next');
	await expect.element(screen.getByRole('button', { name: 'Send' })).not.toBeInTheDocument();
	await screen.getByRole('button', { name: 'Stop' }).click();
	expect(onstop).toHaveBeenCalledOnce();
});

test('Escape stops from anywhere on the page, but first closes what floats', async () => {
	const { onstop } = await open({ busy: true });
	const dialog = document.createElement('dialog');
	document.body.append(dialog);
	dialog.showModal();
	await userEvent.keyboard('{Escape}');
	expect(onstop).not.toHaveBeenCalled();
	dialog.remove();
	await userEvent.keyboard('{Escape}');
	expect(onstop).toHaveBeenCalledOnce();
});

test('Escape does nothing when there is nothing to stop', async () => {
	const { field, onstop } = await open();
	await field.click();
	await userEvent.keyboard('{Escape}');
	expect(onstop).not.toHaveBeenCalled();
});

test('it grows with its text, up to a limit', async () => {
	const { field } = await open();
	const element = field.element() as HTMLTextAreaElement;
	const one = element.offsetHeight;
	await field.fill('1\n2\n3\n4');
	await expect.poll(() => element.offsetHeight).toBeGreaterThan(one + 40);
	await field.fill('line\n'.repeat(100));
	await expect
		.poll(() => element.offsetHeight)
		.toBeLessThanOrEqual(Math.min(320, innerHeight * 0.4));
	expect(element.scrollHeight).toBeGreaterThan(element.offsetHeight);
});

test('text over the limit is kept, and a sentence says why it cannot be sent', async () => {
	const { screen, field, onsend } = await open({ draft: 'x'.repeat(200_000) });
	const sentence = 'This is 200,000 characters long; at most 100,000 can be sent at once.';
	await expect.element(screen.getByText(sentence)).toBeVisible();
	await expect.element(field).toHaveAccessibleDescription(sentence);
	await expect.element(screen.getByRole('button', { name: 'Send' })).toBeDisabled();
	await field.click();
	await userEvent.keyboard('{Enter}');
	expect(onsend).not.toHaveBeenCalled();
	await field.fill('x'.repeat(100_000));
	await expect.element(screen.getByRole('button', { name: 'Send' })).toBeEnabled();
});
