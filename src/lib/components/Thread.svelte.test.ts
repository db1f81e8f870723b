import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { userEvent } from 'vitest/browser';
import '../../app.css';
import type { Message } from '#lib/protocol/messages.ts';
import { answer, question } from './messages-for-tests.ts';
import Thread from './Thread.svelte';

const LONG = 'A paragraph of some words.\n\n'.repeat(60);

function talk(pairs: number): Message[] {
	return Array.from({ length: pairs }, (_, n) => [
		question(`Question ${String(n)}`, `q${String(n)}`),
		answer(`Answer **number ${String(n)}**.\n\n- one\n- two\n\n\`\`\`js\nlet x = 1;\n\`\`\`\n`, {
			id: `a${String(n)}`
		})
	]).flat();
}

async function open(messages: Message[], rest = {}) {
	document.documentElement.style.height = '100%';
	const screen = await render(Thread, { messages, status: 'idle', ...rest });
	screen.container.style.cssText = 'height: 500px; display: grid';
	const log = screen.getByRole('log').element() as HTMLElement;
	const gap = () => Math.round(log.scrollHeight - log.clientHeight - log.scrollTop);
	return { screen, log, gap };
}

test('it is a log that reads no tokens aloud', async () => {
	const { screen } = await open([question('Hello'), answer('Hi')]);
	const log = screen.getByRole('log', { name: 'Conversation' });
	await expect.element(log).toHaveAttribute('aria-live', 'off');
	await expect.element(log.getByRole('heading', { name: 'You asked' })).toBeInTheDocument();
});

test('it opens at the end and follows an answer that grows', async () => {
	const { screen, gap } = await open([question('Go'), answer(LONG, { status: 'running' })]);
	await expect.poll(gap).toBeLessThan(2);
	const messages = [question('Go'), answer(LONG + LONG, { status: 'running' })];
	await screen.rerender({ messages, status: 'streaming' });
	await expect.poll(gap).toBeLessThan(2);
});

test('a reader who scrolled up stays there, and can jump to the newest', async () => {
	const { screen, log, gap } = await open([question('Go'), answer(LONG, { status: 'running' })]);
	await expect.poll(gap).toBeLessThan(2);
	log.focus();
	await userEvent.keyboard('{PageUp}');
	const button = screen.getByRole('button', { name: 'Jump to the newest' });
	await expect.element(button).toBeVisible();
	const top = await settled(log);
	expect(gap()).toBeGreaterThan(100);

	const messages = [question('Go'), answer(LONG + LONG, { status: 'running' })];
	await screen.rerender({ messages, status: 'streaming' });
	await new Promise(requestAnimationFrame);
	expect(Math.abs(log.scrollTop - top)).toBeLessThan(2);

	await button.click();
	await expect.poll(gap).toBeLessThan(2);
	await expect.element(button).not.toBeInTheDocument();
});

test('asking again goes to the end from anywhere', async () => {
	const messages = [question('Go'), answer(LONG)];
	const { screen, log, gap } = await open(messages);
	await expect.poll(gap).toBeLessThan(2);
	log.scrollTop = 0;
	await expect.element(screen.getByRole('button', { name: /Jump/ })).toBeVisible();
	await screen.rerender({ messages: [...messages, question('More', 'q2')], status: 'waiting' });
	await expect.poll(gap).toBeLessThan(2);
	await expect.element(screen.getByText('Waiting for the model')).toBeInTheDocument();
});

test('who waits for long is told for what, and since when', async () => {
	const { screen } = await open([question('Go')], { status: 'waiting' });
	await expect.element(screen.getByText(/^\d+ s$/), { timeout: 20_000 }).toBeVisible();
	await expect.element(screen.getByText('Waiting for the model')).not.toHaveClass('unseen');
});

test('a lost connection says that the answer goes on, and goes when it is back', async () => {
	const messages = [question('Go'), answer('Some', { status: 'running' })];
	const { screen } = await open(messages, { status: 'lost' });
	const sentence = 'Connection lost. The answer goes on without you; catching up...';
	await expect.element(screen.getByRole('status')).toHaveTextContent(sentence);
	await screen.rerender({ messages, status: 'streaming' });
	await expect.element(screen.getByRole('status')).not.toBeInTheDocument();
});

test('a request that was turned down says why, and can be tried again', async () => {
	const onretry = vi.fn();
	const message = 'Too many questions. Wait a minute.';
	const failure = { code: 'rate-limited', message, onretry };
	const { screen } = await open([question('Go')], { failure });
	await expect.element(screen.getByText(message)).toBeVisible();
	await screen.getByRole('button', { name: 'Try again' }).click();
	expect(onretry).toHaveBeenCalledOnce();
});

test('only the last answer can be asked for again', async () => {
	const { screen } = await open(talk(2), { onretry: vi.fn() });
	expect(screen.getByRole('button', { name: 'Regenerate' }).elements()).toHaveLength(1);
});

test('two hundred pairs take few nodes, all their words are there, and near ones are whole', async () => {
	const { screen, log, gap } = await open(talk(200));
	await expect.poll(gap).toBeLessThan(2);
	const nodes = document.createTreeWalker(screen.container, NodeFilter.SHOW_ALL);
	let count = 0;
	while (nodes.nextNode()) count += 1;
	expect(count).toBeLessThanOrEqual(4000);
	expect(log.textContent).toContain('number 0');

	log.scrollTop = 0;
	await expect.element(screen.getByText('number 0', { exact: true })).toBeVisible();
	expect(screen.getByText('number 0', { exact: true }).element().tagName).toBe('STRONG');
});

test('a long question is folded, and opens', async () => {
	const { screen } = await open([question('word '.repeat(2000))]);
	expect(screen.container.textContent.length).toBeLessThan(4000);
	await screen.getByRole('button', { name: 'Show all 10,000 characters' }).click();
	expect(screen.container.textContent.length).toBeGreaterThan(9900);
});

/** Where an element has scrolled to, once it is there. */
async function settled(element: HTMLElement): Promise<number> {
	let top: number;
	do {
		top = element.scrollTop;
		await new Promise((resolve) => setTimeout(resolve, 200));
	} while (element.scrollTop !== top);
	return top;
}
