import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Announcer from './Announcer.svelte';
import { answer } from './messages-for-tests.ts';

test('nothing is said of an answer that was there before', async () => {
	const screen = await render(Announcer, { busy: false, reply: answer('Old words') });
	expect(screen.container.textContent.trim()).toBe('');
});

test.for([
	['Answer complete, 3 words', answer('One two three')],
	['Answer complete, 1 word', answer('One')],
	['Stopped after 2 words', answer('One two', { status: 'stopped' })],
	['Answer cut off at its limit, 2 words', answer('One two', { status: 'limit' })],
	['The answer waits for a decision', answer('One', { status: 'paused' })]
] as const)('the start and the end are said once each: %s', async ([sentence, reply]) => {
	const running = { ...reply, status: 'running' as const };
	const screen = await render(Announcer, { busy: true, reply: running });
	const polite = screen.container.querySelector<HTMLElement>('[aria-live="polite"]')!;
	const said: (string | null)[] = [polite.textContent];
	new MutationObserver(() => said.push(polite.textContent)).observe(polite, {
		subtree: true,
		characterData: true,
		childList: true
	});

	for (const text of ['O', 'One', 'One t']) {
		await screen.rerender({ busy: true, reply: { ...running, parts: answer(text).parts } });
	}
	await screen.rerender({ busy: false, reply });
	await expect.element(polite).toHaveTextContent(sentence);
	expect(said).toEqual(['Answering', sentence]);
});

test('a decision that is waited for is said while the answer is under way', async () => {
	const screen = await render(Announcer, { busy: true, reply: undefined });
	await screen.rerender({ busy: true, reply: answer('One', { status: 'paused' }) });
	await expect.element(screen.getByText('The answer waits for a decision')).toBeInTheDocument();
	await screen.rerender({ busy: true, reply: answer('One', { status: 'running' }) });
	await expect.element(screen.getByText('Answering')).toBeInTheDocument();
});

test('an error is said at once', async () => {
	const screen = await render(Announcer, { busy: true, reply: undefined });
	const failure = { code: 'model-failed', message: 'The model failed.', retryable: true } as const;
	await screen.rerender({ busy: false, reply: answer('', { status: 'failed', failure }) });
	await expect.element(screen.getByRole('alert')).toHaveTextContent('The model failed.');
	expect(screen.container.querySelector('[aria-live="polite"]')?.textContent).toBe('');
});

test('a refusal is said at once', async () => {
	const screen = await render(Announcer, { busy: false });
	await screen.rerender({ busy: false, failure: { message: 'Too long.' } });
	await expect.element(screen.getByRole('alert')).toHaveTextContent('Too long.');
});
