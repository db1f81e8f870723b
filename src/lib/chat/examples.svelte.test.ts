import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { Conversation } from '#lib/chat/conversation.svelte.ts';
import { Draft } from '#lib/chat/draft.svelte.ts';
import { impatient, ScriptedServer, ScriptedSurroundings, settle } from '#lib/chat/scripted.ts';
import { Refused } from '#lib/chat/server.ts';
import Chat from '#lib/components/Chat.svelte';
import { textOf } from '#lib/protocol/messages.ts';
import docs from '../../../docs/testing.md?raw';
import source from './examples.svelte.test.ts?raw';

test('a store answers what the script says', async () => {
	const server = new ScriptedServer();
	const conversation = new Conversation(server);

	const sent = conversation.send('How long is the river?');
	await settle(); // the question reaches the server
	server.run.start();
	server.run.text('It is ', '12 km long.');
	server.run.end();

	expect(await sent).toBe(true);
	await conversation.settled();
	expect(conversation.messages.map(textOf)).toEqual([
		'How long is the river?',
		'It is 12 km long.'
	]);
});

test('a question that the server refuses is the caller’s again', async () => {
	const server = new ScriptedServer();
	const conversation = new Conversation(server);

	server.refusals.push(new Refused(422, 'text-too-long', 'At most 100,000 characters.'));
	expect(await conversation.send('...')).toBe(false);
	expect(conversation.failure?.code).toBe('text-too-long');
});

test('a cut connection is made anew', async () => {
	const server = new ScriptedServer();
	const conversation = new Conversation(server, undefined, impatient);

	void conversation.send('Hello?');
	await settle();
	server.run.start();
	server.run.text('Before the cut, ');
	server.run.cut();
	server.run.text('and after it.');
	server.run.end();

	await conversation.settled();
	expect(conversation.messages).toHaveLength(2);
});

test('nothing happens before the test says so', async () => {
	const surroundings = new ScriptedSurroundings();
	const server = new ScriptedServer();
	const conversation = new Conversation(server, undefined, surroundings);

	void conversation.send('Hello?');
	await settle();
	server.run.start();
	server.run.cut();
	await settle();
	expect(conversation.status).toBe('lost');
	await surroundings.pass(1000); // the wait is over
	await surroundings.frame(); // the page is painted
	expect(conversation.status).toBe('streaming');
});

test('the page shows what the store holds', async () => {
	const server = new ScriptedServer();
	const talk = new Conversation(server);
	const page = await render(Chat, { talk, draft: new Draft('test'), demo: false });

	await page.getByRole('textbox').fill('Where does it begin?');
	await page.getByRole('button', { name: 'Send' }).click();
	await expect.poll(() => server.runs.length).toBe(1);
	server.run.start();
	server.run.text('In the hills.');
	await expect.element(page.getByText('In the hills.')).toBeVisible();
	await page.getByRole('button', { name: 'Stop' }).click();
	expect(server.stopped).toEqual([server.run.id]);
});

test('every snippet of the documentation is in this file', () => {
	const bare = (code: string) => code.replaceAll(/\s/g, '');
	const snippets = [...docs.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
	expect(snippets.length).toBeGreaterThan(3);

	const strangers = snippets
		.flatMap((code) => code.split('\n'))
		.filter((line) => !bare(source).includes(bare(line)));
	expect(strangers).toEqual([]);
});
