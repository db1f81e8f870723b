import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import '../../app.css';
import type { Part } from '#lib/protocol/messages.ts';
import { answer, call, textPart } from './messages-for-tests.ts';
import Reply from './Reply.svelte';

test('a finished answer can be copied and asked for again', async () => {
	const onretry = vi.fn();
	const screen = await render(Reply, { message: answer('Some **text**.'), last: true, onretry });
	await expect.element(screen.getByRole('heading', { name: 'Answer' })).toBeInTheDocument();

	let copied = '';
	navigator.clipboard.writeText = (text) => Promise.resolve(void (copied = text));
	await screen.getByRole('button', { name: 'Copy answer' }).click();
	expect(copied).toBe('Some **text**.');
	await screen.getByRole('button', { name: 'Regenerate' }).click();
	expect(onretry).toHaveBeenCalledOnce();
	await expect.element(screen.getByRole('button', { name: 'Continue' })).not.toBeInTheDocument();
});

test('before the first word there is a sign of life, and nothing to press', async () => {
	const screen = await render(Reply, { message: answer([], { status: 'running' }), last: true });
	await expect.element(screen.getByText('Waiting for the model')).toBeInTheDocument();
	await expect.element(screen.getByRole('article')).toHaveAttribute('aria-busy', 'true');
	await expect.element(screen.getByRole('button')).not.toBeInTheDocument();
});

test('parts are shown in their order', async () => {
	const parts: Part[] = [
		{ type: 'reasoning', id: 'r', seq: 2, text: 'Hm.', closed: true },
		textPart('Let me see.', { id: 't1' }),
		call(),
		{ type: 'agent-switch', id: 's', seq: 5, from: 'Front desk', to: 'Accounts' },
		textPart('It is 85.', { id: 't2' }),
		{ type: 'source', id: 'u', seq: 7, url: 'https://example.org', title: 'A page' },
		{ type: 'source', id: 'v', seq: 8, url: 'javascript:alert(1)', title: 'No page' }
	];
	const screen = await render(Reply, { message: answer(parts) });
	const text = screen.container.textContent.replace(/\s+/g, ' ');
	expect(text).toMatch(
		/Thought.*Let me see\..*Calculate.*Front desk handed over to Accounts\..*It is 85\..*A page.*No page/
	);
	await expect.element(screen.getByRole('link', { name: 'A page' })).toBeVisible();
	await expect.element(screen.getByRole('link', { name: 'No page' })).not.toBeInTheDocument();
});

test('a stopped answer keeps its text and can go on', async () => {
	const oncontinue = vi.fn();
	const message = answer('Half a', { status: 'stopped' });
	const screen = await render(Reply, { message, last: true, oncontinue, onretry: vi.fn() });
	await expect.element(screen.getByText('Half a')).toBeVisible();
	await expect.element(screen.getByText('Stopped')).toBeVisible();
	await expect.element(screen.getByRole('button', { name: 'Regenerate' })).toBeVisible();
	await screen.getByRole('button', { name: 'Continue' }).click();
	expect(oncontinue).toHaveBeenCalledOnce();
});

test('a failed answer keeps its text, says what happened, and can be tried again', async () => {
	const onretry = vi.fn();
	const failure = {
		code: 'interrupted',
		message: 'The server restarted.',
		retryable: true
	} as const;
	const message = answer('Half a', { status: 'failed', failure });
	const screen = await render(Reply, { message, last: true, onretry });
	await expect.element(screen.getByText('Half a')).toBeVisible();
	await expect.element(screen.getByText('The server restarted.')).toBeVisible();
	await expect.element(screen.getByText('interrupted', { exact: true })).toBeVisible();
	await screen.getByRole('button', { name: 'Try again' }).click();
	expect(onretry).toHaveBeenCalledOnce();
	await expect.element(screen.getByRole('button', { name: 'Regenerate' })).not.toBeInTheDocument();
});

test.for([
	['limit', 'The answer is cut off here: it reached its limit.', 'text'],
	['paused', 'The answer waits for a decision.', 'text'],
	['done', 'The answer is empty.', '']
] as const)('an answer that is %s says: %s', async ([status, sentence, text]) => {
	const message = answer(text ? [textPart(text)] : [], { status });
	const screen = await render(Reply, { message, last: true });
	await expect.element(screen.getByText(sentence)).toBeVisible();
});

test('an answer that waits offers the decision, and no other answer meanwhile', async () => {
	const onanswer = vi.fn(() => Promise.resolve(true));
	const asking = call({ state: 'asking', approval: { id: 'p1' }, output: undefined });
	const message = answer([textPart('May I?'), asking], { status: 'paused' });
	const screen = await render(Reply, { message, last: true, onretry: vi.fn(), onanswer });
	await expect.element(screen.getByRole('button', { name: 'Regenerate' })).not.toBeInTheDocument();
	await screen.getByRole('button', { name: 'Deny' }).click();
	expect(onanswer).toHaveBeenCalledExactlyOnceWith('p1', false);

	await screen.rerender({ message: { ...message, status: 'stopped' }, onanswer });
	await expect.element(screen.getByRole('button', { name: 'Deny' })).not.toBeInTheDocument();
});

test('an answer that was withdrawn is hidden, and says why', async () => {
	const message = answer('Secret', { retracted: 'It named a person.' });
	const screen = await render(Reply, { message });
	await expect
		.element(screen.getByText('This answer was withdrawn. It named a person.'))
		.toBeVisible();
	expect(screen.container.textContent).not.toContain('Secret');
});

test('actions of older answers come with focus and take no room away', async () => {
	const screen = await render(Reply, { message: answer('Text') });
	const actions = screen.getByRole('group', { name: 'Actions for this answer' }).element();
	const height = screen.container.offsetHeight;
	expect(getComputedStyle(actions).opacity).toBe('0');
	actions.querySelector('button')!.focus();
	await expect.poll(() => getComputedStyle(actions).opacity).toBe('1');
	expect(screen.container.offsetHeight).toBe(height);
});
