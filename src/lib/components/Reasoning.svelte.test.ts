import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { ReasoningPart } from '#lib/protocol/messages.ts';
import Reasoning from './Reasoning.svelte';

test('while the model thinks its last line is shown', async () => {
	const part = thought('First this.\nThen that.', false);
	const screen = await render(Reasoning, { part, live: true });
	await expect.element(screen.getByText('Thinking')).toBeVisible();
	await expect.element(screen.getByText('Then that.')).toBeVisible();
	expect(screen.container.textContent).not.toContain('First this.');
});

test('afterwards it is folded, says for how long it was seen, and opens', async () => {
	const screen = await render(Reasoning, { part: thought('', false), live: true });
	await new Promise((resolve) => setTimeout(resolve, 1300));
	await screen.rerender({ part: thought('All of it.', true), live: true });

	await expect.element(screen.getByText(/^Thought for \d+ s$/)).toBeVisible();
	expect(screen.container.textContent).not.toContain('All of it.');
	await screen.getByText(/^Thought/).click();
	await expect.element(screen.getByText('All of it.')).toBeVisible();
});

test('no duration is claimed for what was not seen from its start', async () => {
	const screen = await render(Reasoning, { part: thought('x'.repeat(500), false), live: true });
	await new Promise((resolve) => setTimeout(resolve, 1300));
	await screen.rerender({ part: thought('x'.repeat(600), true), live: true });
	await expect.element(screen.getByText('Thought', { exact: true })).toBeVisible();
});

function thought(text: string, closed: boolean): ReasoningPart {
	return { type: 'reasoning', id: 'p1', seq: 2, text, closed };
}
