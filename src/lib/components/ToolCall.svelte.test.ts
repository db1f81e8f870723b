import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { userEvent } from 'vitest/browser';
import { call } from './messages-for-tests.ts';
import ToolCall from './ToolCall.svelte';

test('a call says what it does, with what, and how long it took', async () => {
	const screen = await render(ToolCall, { part: call() });
	const summary = screen.container.querySelector('summary')!;
	expect(words(summary)).toBe('Calculate 12*7+1 Done 12 ms');
});

test('it opens by keyboard to the arguments and the result as they were', async () => {
	const screen = await render(ToolCall, { part: call({ output: 'eighty\nfive' }) });
	expect(screen.container.querySelectorAll('pre')).toHaveLength(0);
	screen.container.querySelector('summary')!.focus();
	await userEvent.keyboard('{Enter}');

	await expect.element(screen.getByRole('heading', { name: 'Arguments' })).toBeVisible();
	const shown = [...screen.container.querySelectorAll('pre')].map(({ textContent }) => textContent);
	expect(shown).toEqual(['{\n  "expression": "12*7+1"\n}', 'eighty\nfive']);
});

test('the title that a tool gives itself is used', async () => {
	const screen = await render(ToolCall, { part: call({ title: 'Work it out' }) });
	await expect.element(screen.getByText('Work it out')).toBeVisible();
});

test('while it runs it says so, and from the first second on how long', async () => {
	const running = call({ state: 'running', output: undefined, durationMs: undefined });
	const screen = await render(ToolCall, { part: running, live: true });
	const summary = screen.container.querySelector('summary')!;
	expect(words(summary)).toBe('Calculate 12*7+1 Running');
	await expect.poll(() => words(summary), { timeout: 10_000 }).toMatch(/Running \d+ s$/);

	await screen.rerender({ part: call({ durationMs: 2140 }), live: true });
	expect(words(summary)).toBe('Calculate 12*7+1 Done 2.1 s');
});

test('what a tool says of its progress is shown', async () => {
	const part = call({ state: 'running', durationMs: undefined, progress: { message: '3 of 7' } });
	const screen = await render(ToolCall, { part, live: true });
	await expect.element(screen.getByText('3 of 7')).toBeVisible();
});

test.for([
	['input', 'Preparing', { inputText: '{"expr' }],
	['asking', 'Waits for a decision', {}],
	['failed', 'Failed', { message: 'Unknown symbol x.' }],
	['denied', 'Denied', { message: 'Not today.' }]
] as const)('in state %s it says "%s"', async ([state, word, rest]) => {
	const part = call({ state, output: undefined, durationMs: undefined, ...rest });
	const screen = await render(ToolCall, { part, live: true });
	await expect.element(screen.getByText(word, { exact: true })).toBeVisible();
	if ('message' in rest) {
		await screen.getByText('Calculate').click();
		await expect.element(screen.getByText(rest.message)).toBeVisible();
	}
});

test('a call whose run is over does not seem to go on', async () => {
	const part = call({ state: 'running', output: undefined, durationMs: undefined });
	const screen = await render(ToolCall, { part });
	await expect.element(screen.getByText('Not finished')).toBeVisible();
});

test('a call that asks shows what it would do, and takes a decision by keyboard', async () => {
	const { onanswer, screen } = await ask();
	const decision = screen.getByRole('group', { name: 'Decision: Save note' });
	await expect.element(decision).toHaveAccessibleDescription('This changes something. Allow it?');
	expect(screen.container.querySelector('pre')?.textContent).toContain('buy milk');
	expect(document.activeElement).toBe(document.body);

	await userEvent.tab();
	expect(document.activeElement?.tagName).toBe('SUMMARY');
	screen.getByRole('button', { name: 'Allow' }).element().focus();
	await userEvent.keyboard('{Enter}');
	expect(onanswer.mock.calls).toEqual([['p1', true]]);
	expect(document.activeElement?.tagName).toBe('SUMMARY');
});

test('it is decided once, unless that could not be said', async () => {
	let tell: (taken: boolean) => void = () => undefined;
	const { onanswer, screen } = await ask(() => new Promise((resolve) => (tell = resolve)));
	const [allow, deny] = ['Allow', 'Deny'].map((name) => screen.getByRole('button', { name }));
	await deny!.click();
	await expect.element(allow!).toBeDisabled();
	await expect.element(deny!).toBeDisabled();
	expect(onanswer.mock.calls).toEqual([['p1', false]]);

	tell(false);
	await expect.element(allow!).toBeEnabled();
	await allow!.click();
	tell(true);
	await new Promise((resolve) => setTimeout(resolve, 50));
	await expect.element(allow!).toBeDisabled();
});

test('once it is decided it says so, folds, and asks no more', async () => {
	const { onanswer, screen } = await ask();
	const approval = { id: 'p1', approved: true };
	await screen.rerender({ part: { ...ASKING, state: 'running', approval }, onanswer });
	await expect.element(screen.getByText('Allowed')).toBeVisible();
	await expect.element(screen.getByRole('button', { name: 'Allow' })).not.toBeInTheDocument();
	expect(screen.container.querySelector('details')?.open).toBe(false);

	const denied = { ...ASKING, state: 'denied' as const, message: 'Not today.' };
	await screen.rerender({ part: denied, live: true, onanswer: undefined });
	await expect.element(screen.getByText('Denied')).toBeVisible();
});

test('a call that asked in a run that is over asks no more', async () => {
	const screen = await render(ToolCall, { part: ASKING });
	await expect.element(screen.getByText('Not decided')).toBeVisible();
	await expect.element(screen.getByRole('button')).not.toBeInTheDocument();
});

test('names, arguments and results are text, whatever is in them', async () => {
	const hostile = '<img src=x onerror=alert(1)>';
	const part = call({ title: hostile, input: { a: hostile }, output: hostile });
	const screen = await render(ToolCall, { part });
	await screen.getByText(hostile).first().click();
	expect(screen.container.querySelector('img')).toBeNull();
	expect(screen.container.querySelectorAll('pre')[1]?.textContent).toBe(hostile);
});

const ASKING = call({
	name: 'save_note',
	input: { text: 'buy milk' },
	state: 'asking',
	approval: { id: 'p1' },
	output: undefined,
	durationMs: undefined
});

/** A call that waits for a decision. */
async function ask(answer: () => Promise<boolean> = () => Promise.resolve(true)) {
	const onanswer = vi.fn<(approvalId: string, approved: boolean) => Promise<boolean>>(answer);
	return { onanswer, screen: await render(ToolCall, { part: ASKING, onanswer }) };
}

function words(element: HTMLElement): string {
	return element.innerText.replace(/\s+/g, ' ').trim();
}
