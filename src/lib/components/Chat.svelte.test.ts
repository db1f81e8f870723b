import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { userEvent } from 'vitest/browser';
import '../../app.css';
import Chat from './Chat.svelte';
import { answer, call, question } from './messages-for-tests.ts';
import type { Talk } from './talk.ts';

async function open(rest: Partial<Talk> = {}) {
	const calls = {
		send: vi.fn(() => Promise.resolve(true)),
		retry: vi.fn(() => Promise.resolve(true)),
		answer: vi.fn(() => Promise.resolve(true)),
		stop: vi.fn(() => Promise.resolve())
	};
	const talk: Talk = { messages: [], status: 'idle', busy: false, ...calls, ...rest };
	const draft = $state({ text: '' });
	const screen = await render(Chat, { talk, draft, demo: true });
	return { calls, draft, screen, field: screen.getByRole('textbox', { name: 'Message' }) };
}

test('an empty conversation welcomes, and a starter asks', async () => {
	const { calls, screen } = await open();
	await screen.getByRole('button', { name: /Calculate/ }).click();
	expect(calls.send).toHaveBeenCalledExactlyOnceWith('What is 12*7+1?');
});

test('what is typed is the draft, and is gone when it was taken', async () => {
	const { calls, draft, field } = await open({ messages: [question('Q'), answer('A')] });
	await field.fill('Hello');
	expect(draft.text).toBe('Hello');
	await userEvent.keyboard('{Enter}');
	expect(calls.send).toHaveBeenCalledExactlyOnceWith('Hello');
	expect(draft.text).toBe('');
});

test('a question that was not taken comes back, before what was typed since', async () => {
	let decide: (taken: boolean) => void = () => undefined;
	const send = vi.fn(() => new Promise<boolean>((resolve) => (decide = resolve)));
	const { draft, field } = await open({ send });
	await field.fill('First');
	await userEvent.keyboard('{Enter}');
	await field.fill('Second');
	decide(false);
	await expect.poll(() => draft.text).toBe('First\n\nSecond');
	await expect.element(field).toHaveValue('First\n\nSecond');
});

test('Try again after a question that was not taken sends it again', async () => {
	const send = vi.fn(() => Promise.resolve(false));
	const failure = { code: 'unreachable', message: 'No server.', retryable: true };
	const { screen, field } = await open({ send, failure });
	await field.fill('Hello');
	await userEvent.keyboard('{Enter}');
	await expect.element(field).toHaveValue('Hello');
	await screen.getByRole('button', { name: 'Try again' }).click();
	expect(send.mock.calls).toEqual([['Hello'], ['Hello']]);
	await expect.element(field).toHaveValue('Hello');
});

test('a failure that will not pass offers nothing', async () => {
	const failure = { code: 'text-too-long', message: 'Too long.', retryable: false };
	const { screen } = await open({ failure });
	await expect.element(screen.getByText('Too long.').first()).toBeInTheDocument();
	await expect.element(screen.getByRole('button', { name: 'Try again' })).not.toBeInTheDocument();
});

test('a decision reaches the conversation, from its last answer', async () => {
	const asking = call({ state: 'asking', approval: { id: 'p1' }, output: undefined });
	const messages = [question('Q'), answer([asking], { status: 'paused' })];
	const { calls, screen } = await open({ messages, status: 'streaming', busy: true });
	await screen.getByRole('button', { name: 'Allow' }).click();
	expect(calls.answer).toHaveBeenCalledExactlyOnceWith('p1', true);
});

test('Regenerate, Continue and Stop reach the conversation', async () => {
	const messages = [question('Q'), answer('A', { status: 'stopped' })];
	const { calls, screen } = await open({ messages });
	await screen.getByRole('button', { name: 'Regenerate' }).click();
	expect(calls.retry).toHaveBeenCalledOnce();
	await screen.getByRole('button', { name: 'Continue' }).click();
	expect(calls.send).toHaveBeenCalledExactlyOnceWith('Go on where you stopped.');

	const running = await open({ messages: [question('Q')], status: 'waiting', busy: true });
	await running.screen.getByRole('button', { name: 'Stop' }).click();
	expect(running.calls.stop).toHaveBeenCalledOnce();
});
