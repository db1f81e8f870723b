import type { ModelRequest } from '@openai/agents';
import { expect, test } from 'vitest';
import type { AssistantMessage, Message } from '#lib/protocol/messages.ts';
import { ask, question, userMessage } from '../collect.ts';
import { answerWith, ownModel } from '../openai.ts';
import { calculate } from '../tools/calculate.ts';
import { currentTime } from '../tools/current-time.ts';
import { DemoModel } from './demo-model.ts';

function demo(tokensPerSecond = Infinity) {
	return answerWith({
		agents: new Map([
			['assistant', { name: 'assistant', instructions: '', tools: [currentTime, calculate] }]
		]),
		model: () => ownModel(() => new DemoModel({ tokensPerSecond })),
		idleMs: 20_000,
		source: { host: 'demo', maxTurns: 5 }
	});
}

test('it says that it is a demo, and how to be rid of it', async () => {
	const { text, outcome } = await ask(demo(), 'Hello');

	expect(text).toContain('demo');
	expect(text).toContain('OPENAI_API_KEY');
	expect(text).toContain('OPENAI_BASE_URL');
	expect(outcome?.reason).toBe('done');
	expect(outcome?.usage.outputTokens).toBeGreaterThan(50);
});

test('two questions in one are two calls side by side, and one answer', async () => {
	const { said, text } = await ask(demo(), 'What time is it in Tokyo, and what is 12*7+1?');

	const inputs = said.flatMap((event) => (event.type === 'tool-input' ? [event.input] : []));
	expect(inputs).toEqual([{ time_zone: 'Asia/Tokyo' }, { expression: '12*7+1' }]);
	expect(said.filter((event) => event.type === 'turn-start')).toHaveLength(2);
	expect(said.filter((event) => event.type === 'tool-end')).toHaveLength(2);
	expect(text).toContain('`Asia/Tokyo`');
	expect(text).toContain('**85**');
});

test('a place that nobody knows shows how a failed tool looks', async () => {
	const { said, text } = await ask(demo(), 'What time is it in Atlantis?');

	expect(said.find((event) => event.type === 'tool-error')).toMatchObject({ name: 'current_time' });
	expect(text).toContain('no time zone');
});

test('it reasons before it answers', async () => {
	const { said } = await ask(demo(), 'Think about tea');

	const types = said.map((event) => event.type);
	expect(types.indexOf('reasoning-end')).toBeLessThan(types.indexOf('text-start'));
	expect(types).toContain('reasoning-delta');
});

test.for([50, 500, 2000, 7000])('it writes %s words, give or take a few', async (words) => {
	const { text } = await ask(demo(), `Write ${String(words)} words`);

	const written = text.replace(/^#.*$/gm, '').split(/\s+/).filter(Boolean);
	expect(Math.abs(written.length - words)).toBeLessThan(30);
	const sentences = text.match(/[^.#\n]+\./g) ?? [];
	expect(new Set(sentences).size / sentences.length).toBeGreaterThan(0.9);
	expect((await ask(demo(), `Write ${String(words)} words`)).text).toBe(text);
});

test('it looks back', async () => {
	const history: Message[] = [
		userMessage('Hello'),
		reply('Good day.'),
		userMessage('What is 1+1?'),
		reply('2'),
		userMessage('What did I ask first?')
	];
	const { text } = await ask(demo(), question('', { history }));
	expect(text).toContain('> Hello');

	history.push(reply(text), userMessage('And what was my last question?'));
	expect((await ask(demo(), question('', { history }))).text).toContain('> What did I ask first?');
});

test.for([
	['Show me a table', '| --'],
	['Show me some code', '```ts'],
	['Give me a list', '1. Warm'],
	['Show me everything', '> A quotation'],
	['What is the meaning of life?', 'cannot answer that']
] as const)('“%s” is answered with what was asked for', async ([asked, shown]) => {
	const { text } = await ask(demo(), asked);

	expect(text).toContain(shown);
	expect(text.replaceAll(/```[\s\S]*?```|`[^`]*`/g, '')).not.toContain('!');
});

test('it streams at a human pace, and stops when told to', async () => {
	const stop = new AbortController();
	const arrivals: number[] = [];
	const { failure } = await ask(demo(50), 'Write 2000 words', {
		signal: stop.signal,
		onsay: ({ type }) => {
			if (type === 'text-delta') arrivals.push(performance.now());
			if (arrivals.length === 10) stop.abort();
		}
	});

	expect(failure).toBeUndefined();
	expect(arrivals).toHaveLength(10);
	expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(150);
});

test('the model itself falls silent when the signal aborts', async () => {
	const stop = new AbortController();
	const request: ModelRequest = {
		input: [{ role: 'user', content: 'Write 2000 words' }],
		signal: stop.signal,
		modelSettings: {},
		tools: [],
		outputType: 'text',
		handoffs: [],
		tracing: false
	};
	let heard = 0;
	const listening = (async () => {
		for await (const event of new DemoModel().getStreamedResponse(request)) {
			heard += event.type === 'model' ? 1 : 0;
			if (heard === 5) stop.abort();
		}
	})();

	await expect(listening).rejects.toThrow('aborted');
	expect(heard).toBe(5);
});

function reply(text: string): AssistantMessage {
	return {
		id: `reply-${text}`,
		role: 'assistant',
		runId: 'r1',
		agent: 'assistant',
		model: 'demo',
		seq: 3,
		status: 'done',
		parts: [{ type: 'text', id: '1.1', seq: 2, text, closed: true }]
	};
}
