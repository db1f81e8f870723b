import { snippets } from '../snippets.ts';
import { expect, test } from './runnel.ts';

const forBrowsers = snippets().filter(({ title }) => /EventSource|line by line/.test(title));

test("the browser's EventSource reads the text wire, and does not start a second run", async ({
	runnel,
	server
}) => {
	const read = await runnel.evaluate(
		() =>
			new Promise<{ text: string; state: number }>((resolve) => {
				let text = '';
				const source = new EventSource(
					`/api/agent/stream?input=${encodeURIComponent('show a list')}`
				);
				source.onmessage = ({ data }) => (text += data as string);
				let errors = 0;
				source.onerror = () => {
					// it comes again after the end, and is told that there is no more
					if (++errors > 1 || source.readyState === EventSource.CLOSED) {
						resolve({ text, state: source.readyState });
					}
				};
			})
	);
	expect(read.text).toContain('\n');
	expect(read.state).toBe(2);
	const { conversations } = (await (await fetch(`${server.url}/api/conversations`)).json()) as {
		conversations: { id: string }[];
	};
	expect(conversations).toHaveLength(1);
	const { messages } = (await (
		await fetch(`${server.url}/api/conversations/${conversations[0]!.id}`)
	).json()) as { messages: { parts: { type: string; text: string }[] }[] };
	const texts = messages[1]!.parts.filter(({ type }) => type === 'text');
	expect(read.text).toBe(texts.map(({ text }) => text).join(''));
});

test('fetch and a reader that splits on line breaks read the delta wire', async ({ runnel }) => {
	const text = await runnel.evaluate(async () => {
		const response = await fetch('/api/chat/stream', {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ message: 'Say something with emoji: 🌊' })
		});
		const reader = response.body!.getReader();
		const decoder = new TextDecoder();
		let rest = '';
		let text = '';
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return text;
			const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
			rest = lines.pop() ?? '';
			for (const line of lines) {
				if (!line.startsWith('data: ')) continue;
				text += (JSON.parse(line.slice(6)) as { delta?: string }).delta ?? '';
			}
		}
	});
	expect(text.length).toBeGreaterThan(10);
});

for (const { title } of forBrowsers) {
	test(`a browser runs the snippet: ${title}`, async ({ runnel, server }) => {
		const { code } = snippets(server.url).find((snippet) => snippet.title === title)!;
		const printed = runnel.waitForEvent('console', (message) => message.text().includes('85'));
		await runnel.evaluate(`(async () => {${code}})()`);
		expect((await printed).type()).toBe('log');
	});
}
