import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { userEvent } from 'vitest/browser';
import '../../app.css';
import Markdown from './Markdown.svelte';

test('Markdown is shown as headings, lists, tables, code and emphasis', async () => {
	const text =
		'# Title\n\nA **bold** and _fine_ ~~old~~ `word`.\n\n3. three\n4. four\n\n- [x] done\n\n> quoted\n\n| a | b |\n|--|-:|\n| 1 | 2 |\n\n```js\nlet x = 1;\n```\n\n---\n';
	const screen = await render(Markdown, { text });

	await expect.element(screen.getByRole('heading', { name: 'Title', level: 3 })).toBeVisible();
	await expect.element(screen.getByRole('table')).toHaveTextContent('ab12');
	await expect.element(screen.getByRole('checkbox', { name: 'Done' })).toBeChecked();
	const { container } = screen;
	expect(container.querySelector('p')?.textContent).toBe('A bold and fine old word.');
	expect(container.querySelector('ol')?.start).toBe(3);
	expect(container.querySelector('strong')?.textContent).toBe('bold');
	expect(container.querySelector('blockquote')?.textContent.trim()).toBe('quoted');
	expect(container.querySelector('pre')?.textContent).toBe('let x = 1;');
	expect(container.querySelector('hr')).not.toBeNull();
});

test('finished blocks keep their nodes and a selection in them while text streams', async () => {
	const text = 'First paragraph.\n\n- one\n- two\n\n```js\nlet a;\n';
	const screen = await render(Markdown, { text, live: true });
	const { container } = screen;
	const before = [...container.querySelectorAll('p, ul, li:first-child, pre')];
	const first = container.querySelector('p')!;
	getSelection()?.selectAllChildren(first);

	let grown = text;
	for (const piece of ['let b;\n', 'let c;\n``', '`\n\nLast **bo', 'ld** words']) {
		grown += piece;
		await screen.rerender({ text: grown, live: true });
	}
	await screen.rerender({ text: grown, live: false });

	expect([...container.querySelectorAll('p:first-of-type, ul, li:first-child, pre')]).toEqual(
		before
	);
	expect(getSelection()?.toString()).toBe('First paragraph.');
	expect(container.querySelector('strong')?.textContent).toBe('bold');
});

test.for([
	['javascript:alert(1)'],
	['JaVaScRiPt:alert(1)'],
	['java&#x0A;script:alert(1)'],
	['&#106;avascript:alert(1)'],
	['javascript&colon;alert(1)'],
	['data:text/html,<script>alert(1)</script>'],
	['vbscript:msgbox(1)'],
	['file:///etc/passwd'],
	['blob:https://example.org/1'],
	['//example.org'],
	['/relative']
])('a link to %s is inert text', async ([address]) => {
	const screen = await render(Markdown, { text: `[words](<${address}>) ![image](<${address}>)` });
	expect(screen.container.querySelector('a, img, script, iframe')).toBeNull();
	await expect.element(screen.getByText(/words/)).toBeVisible();
});

test('links go to other pages without telling where from', async () => {
	const screen = await render(Markdown, { text: '[words](https://example.org/a?b=1&amp;c=2)' });
	const link = screen.getByRole('link', { name: 'words' });
	await expect.element(link).toHaveAttribute('href', 'https://example.org/a?b=1&c=2');
	await expect.element(link).toHaveAttribute('rel', 'noopener noreferrer');
	await expect.element(link).toHaveAttribute('target', '_blank');
});

test('an image is a link to its address and nothing is fetched', async () => {
	const screen = await render(Markdown, { text: '![a cat](https://example.org/cat.png)' });
	const link = screen.getByRole('link', { name: 'Image: a cat (example.org)' });
	await expect.element(link).toHaveAttribute('href', 'https://example.org/cat.png');
	expect(screen.container.querySelector('img')).toBeNull();
});

test('raw HTML is shown as text', async () => {
	const text =
		'a <b onclick="x()">b</b>\n\n<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>';
	const { container } = await render(Markdown, { text });
	expect(container.querySelector('b, script, img')).toBeNull();
	expect(container.textContent).toContain('<script>alert(1)</script>');
	expect(container.textContent).toContain('<b onclick="x()">b</b>');
});

test('characters that turn the order of letters around show as marks in code and links', async () => {
	const turned = `a${String.fromCodePoint(0x202e)}b${String.fromCodePoint(0x2066)}c`;
	const text = `\`${turned}\` [${turned}](https://e.org)\n\n\`\`\`\n${turned}\n\`\`\``;
	const { container } = await render(Markdown, { text });
	for (const place of ['p code', 'a', 'pre']) {
		expect(container.querySelector(place)?.textContent).toBe('a[U+202E]b[U+2066]c');
	}
});

test('a hostile language name does nothing', async () => {
	const name = '"><img/src=x/onerror=alert(1)>{{constructor}}';
	const { container } = await render(Markdown, { text: `\`\`\`${name}\ncode\n\`\`\`` });
	expect(container.querySelector('img')).toBeNull();
	expect(container.querySelector('pre')?.textContent).toBe('code');
});

test.for([
	['quotes', '>'.repeat(10_000)],
	['brackets', '['.repeat(10_000)],
	['lists', '- '.repeat(10_000)],
	['stars', '*'.repeat(10_000) + 'a' + '*'.repeat(10_000)],
	['emphasis', '_a_'.repeat(10_000)]
] as const)('ten thousand nested %s neither hang nor crash the page', async ([, text]) => {
	const { container } = await render(Markdown, { text: `${text}\n\nAfter`, live: true });
	expect(container.textContent.endsWith('After')).toBe(true);
});

test('code is coloured without a node more, and a line does not move', async () => {
	const text = '```ts\nconst answer = "42"; // why\n```\n';
	const screen = await render(Markdown, { text, live: true });
	const pre = screen.container.querySelector('pre')!;
	const look = () => [
		pre.querySelectorAll('code > span:not(.caret)').length,
		pre.textContent,
		pre.offsetHeight
	];
	const before = look();

	await screen.rerender({ text, live: false });
	await expect
		.poll(() => CSS.highlights.get('code-keyword')?.size ?? 0, { timeout: 20_000 })
		.toBeGreaterThan(0);
	expect(look()).toEqual(before);

	const [range] = CSS.highlights.get('code-string')!;
	const { startContainer, startOffset, endOffset } = range!;
	expect(startContainer.nodeValue?.slice(startOffset, endOffset)).toBe('"42"');
	await screen.unmount();
	expect(CSS.highlights.get('code-keyword')?.size).toBe(0);
});

test('code has colours while it is near the view', async () => {
	const text = `${'Far.\n\n'.repeat(200)}\`\`\`ts\nconst answer = 42;\n\`\`\`\n`;
	const { container } = await render(Markdown, { text });
	const coloured = () => CSS.highlights.get('code-keyword')?.size ?? 0;
	expect(coloured()).toBe(0);
	container.querySelector('pre')!.scrollIntoView();
	await expect.poll(coloured, { timeout: 20_000 }).toBe(1);
	scrollTo(0, 0);
	await expect.poll(coloured, { timeout: 20_000 }).toBe(0);
});

test('long code is shown whole, in pieces, and copied as it is', async () => {
	const code = Array.from({ length: 300 }, (_, line) => `line ${String(line)}`).join('\n\n');
	const screen = await render(Markdown, { text: `\`\`\`\n${code}\n\`\`\`` });
	const pre = screen.container.querySelector('pre')!;
	expect(pre.textContent).toBe(code);
	getSelection()?.selectAllChildren(pre);
	expect(getSelection()?.toString().trimEnd()).toBe(code);

	let copied = '';
	document.addEventListener('copy', () => (copied = getSelection()?.toString() ?? ''), {
		once: true
	});
	navigator.clipboard.writeText = (text) => Promise.resolve(void (copied = text));
	await screen.getByRole('button', { name: 'Copy code' }).click();
	await expect.element(screen.getByRole('button', { name: 'Copied' })).toBeVisible();
	expect(copied).toBe(code);
});

test('a table that is too wide scrolls inside itself, by keyboard too', async () => {
	const row = `|${' a wide cell |'.repeat(14)}\n`;
	const { container } = await render(Markdown, { text: row + `|${'-|'.repeat(14)}\n` + row });
	container.style.width = '320px';
	const region = container.querySelector<HTMLElement>('[role="region"]')!;
	expect(region.scrollWidth).toBeGreaterThan(region.clientWidth);
	expect(container.scrollWidth).toBeLessThanOrEqual(320);
	region.focus();
	await userEvent.keyboard('{ArrowRight}');
	await expect.poll(() => region.scrollLeft).toBeGreaterThan(0);
});

test('Arabic text goes from right to left, code in it does not', async () => {
	const { container } = await render(Markdown, {
		text: 'سؤال عن `code`\n\n- أول\n\n```\nx = 1\n```\n\n> اقتباس\n\n1. أول\n\n2. ثان'
	});
	const direction = (selector: string) =>
		getComputedStyle(container.querySelector(selector)!).direction;
	const directions = ['p', 'ul', 'pre', 'blockquote', 'ol'].map(direction);
	expect(directions).toEqual(['rtl', 'rtl', 'ltr', 'rtl', 'rtl']);
});

test('the caret stands in the flow after the last character, and only while text comes', async () => {
	const screen = await render(Markdown, { text: 'One.\n\n- two', live: true });
	const caret = () => screen.container.querySelector('.caret');
	expect(caret()?.closest('li')?.textContent).toBe('two');
	await screen.rerender({ text: 'One.\n\n- two', live: false });
	expect(caret()).toBeNull();
});
