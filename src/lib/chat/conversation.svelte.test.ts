import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import { textOf, type Message } from '#lib/protocol/messages.ts';
import type { ConversationView } from '#lib/protocol/conversations.ts';
import { Conversation } from './conversation.svelte.ts';
import { impatient, ScriptedServer, ScriptedSurroundings, settle } from './scripted.ts';
import { Refused, Unreachable } from './server.ts';

test('the question is shown at once, and the answer as it is said', async () => {
	const { server, conversation, surroundings } = begin();
	const sent = conversation.send('Hi');
	expect(conversation.messages).toMatchObject([{ role: 'user', parts: [{ text: 'Hi' }] }]);
	expect(conversation.status).toBe('waiting');

	await settle();
	server.run.start('c7');
	expect(await sent).toBe(true);
	expect(conversation.id).toBe('c7');
	server.run.text('Hel', 'lo');
	await surroundings.frame();
	expect(conversation.status).toBe('streaming');
	expect(textOf(conversation.messages[1] as Message)).toBe('Hello');

	server.run.end();
	await conversation.settled();
	expect(conversation.status).toBe('idle');
	expect(conversation.messages[1]).toMatchObject({ status: 'done', seq: 6 });
	expect(conversation.failure).toBeUndefined();
});

test('the next question goes into the same conversation', async () => {
	const { server, conversation } = begin();
	await answer(server, conversation, 'One', 'first');
	await answer(server, conversation, 'Two', 'second');
	expect(server.asked.map(({ question }) => question.conversationId)).toEqual([undefined, 'c1']);
	expect(conversation.messages.map(textOf)).toEqual(['One', 'first', 'Two', 'second']);
});

test('deltas are applied once a frame, however many chunks brought them', async () => {
	const { server, conversation, surroundings } = begin();
	void conversation.send('Hi');
	await settle();
	server.run.start();
	await surroundings.frame();

	let renders = 0;
	const stop = $effect.root(() => {
		$effect(() => {
			conversation.messages.map(textOf);
			renders++;
		});
	});
	flushSync();
	for (let chunk = 0; chunk < 100; chunk++) {
		server.run.text('word ');
		await settle();
	}
	expect(renders).toBe(1);
	await surroundings.frame();
	flushSync();
	expect(renders).toBe(2);
	stop();
});

test('a question that is refused is taken out again, and the text is the caller’s', async () => {
	const { server, conversation } = begin();
	server.refusals.push(new Refused(422, 'text-too-long', 'At most 100,000 characters.'));
	expect(await conversation.send('long')).toBe(false);
	expect(conversation.messages).toEqual([]);
	await conversation.settled();
	expect(conversation.busy).toBe(false);
	expect(conversation.failure).toMatchObject({ code: 'text-too-long', retryable: false });
});

test('the same words sent again after a cut do not make a second run', async () => {
	const { server, conversation } = begin(impatient);
	for (let time = 0; time < 6; time++) server.refusals.push(new Unreachable('gone'));
	expect(await conversation.send('Hi')).toBe(false);
	expect(conversation.failure).toMatchObject({ code: 'unreachable', retryable: true });

	await conversation.settled();
	await answer(server, conversation, 'Hi', 'Hello');
	expect(new Set(server.asked.map(({ key }) => key)).size).toBe(1);
});

test('nothing is sent while an answer is under way', async () => {
	const { server, conversation } = begin();
	void conversation.send('One');
	expect(await conversation.send('Two')).toBe(false);
	expect(await conversation.retry()).toBe(false);
	await settle();
	expect(server.asked).toHaveLength(1);
	expect(conversation.messages).toHaveLength(1);
});

test('stopping ends the run and keeps what was said', async () => {
	const { server, conversation } = begin();
	void conversation.send('Hi');
	await settle();
	server.run.start();
	server.run.text('Half an ans');
	await settle();
	await conversation.stop();
	expect(server.stopped).toEqual(['run-1']);
	server.run.end('stopped');
	await conversation.settled();
	expect(conversation.messages[1]).toMatchObject({ status: 'stopped' });
	expect(textOf(conversation.messages[1] as Message)).toBe('Half an ans');
});

test('stop may be pressed before the run is known', async () => {
	const { server, conversation } = begin();
	void conversation.send('Hi');
	await conversation.stop();
	await settle();
	expect(server.stopped).toEqual([]);
	server.run.start();
	await expect.poll(() => server.stopped).toEqual(['run-1']);
});

test('stop gives a question back that cannot be brought to the server', async () => {
	const { server, conversation } = begin();
	server.refusals.push(new Unreachable('gone'));
	const sent = conversation.send('Hi');
	await settle();
	expect(conversation.status).toBe('lost');
	await conversation.stop();
	expect(await sent).toBe(false);
	await conversation.settled();
	expect(conversation.messages).toEqual([]);
	expect(conversation.failure).toBeUndefined();
});

test('a stop that does not get through is asked for again', async () => {
	const { server, conversation } = begin(impatient);
	void conversation.send('Hi');
	await settle();
	server.run.start();
	await settle();
	const stop = server.stop.bind(server);
	let tries = 0;
	server.stop = (runId) => (tries++ < 2 ? Promise.reject(new Unreachable('gone')) : stop(runId));
	await conversation.stop();
	expect(server.stopped).toEqual(['run-1']);
});

test('a cut is shown as lost, and gone by itself', async () => {
	const { server, conversation, surroundings } = begin();
	void conversation.send('Hi');
	await settle();
	server.run.start();
	server.run.text('before');
	server.run.cut();
	await settle();
	expect(conversation.status).toBe('lost');
	expect(textOf(conversation.messages[1] as Message)).toBe('before');

	server.run.text('after');
	await surroundings.pass(1000);
	await surroundings.frame();
	expect(conversation.status).toBe('streaming');
	server.run.end();
	await conversation.settled();
	expect(textOf(conversation.messages[1] as Message)).toBe('before\n\nafter');
	expect(conversation.messages).toHaveLength(2);
});

test('asking again puts the new answer in the place of the old one', async () => {
	const { server, conversation } = begin();
	await answer(server, conversation, 'Hi', 'Hello');
	const retried = conversation.retry();
	expect(conversation.messages).toHaveLength(1);
	await settle();
	expect(server.asked.at(-1)?.question).toEqual({ conversationId: 'c1', parentId: 'reply-run-1' });
	server.run.start();
	server.run.text('Good day');
	server.run.end();
	expect(await retried).toBe(true);
	await conversation.settled();
	expect(conversation.messages.map(textOf)).toEqual(['Hi', 'Good day']);
});

test('when asking again is refused, the old answer is back', async () => {
	const { server, conversation } = begin();
	await answer(server, conversation, 'Hi', 'Hello');
	server.refusals.push(new Refused(422, 'unknown-parent', 'There is no such message.'));
	expect(await conversation.retry()).toBe(false);
	expect(conversation.messages.map(textOf)).toEqual(['Hi', 'Hello']);
});

test('a loaded conversation goes on with the answer under way, from where it was', async () => {
	const { server, conversation } = await load();
	expect(textOf(conversation.messages[1] as Message)).toBe('one ');
	conversation.resume();
	expect(conversation.busy).toBe(true);
	server.run.text('two');
	server.run.end();
	await conversation.settled();
	expect(conversation.messages).toHaveLength(2);
	expect(textOf(conversation.messages[1] as Message)).toBe('one \n\ntwo');
});

test('an effect that resumes and leaves is not run again because of it', async () => {
	const { server, conversation } = await load();
	let runs = 0;
	const stop = $effect.root(() => {
		$effect(() => {
			runs++;
			conversation.resume();
			return () => {
				conversation.leave();
			};
		});
	});
	flushSync();
	server.run.text('two');
	server.run.end();
	await conversation.settled();
	await conversation.refresh();
	flushSync();
	expect(runs).toBe(1);
	stop();
});

test('leaving stops listening, not the run; coming back goes on without a hole', async () => {
	const { server, conversation } = await load();
	conversation.resume();
	await settle();
	conversation.leave();
	await conversation.settled();
	server.run.text('two');
	server.run.end();
	await settle();
	expect(server.stopped).toEqual([]);
	expect(textOf(conversation.messages[1] as Message)).toBe('one ');

	conversation.resume();
	await conversation.settled();
	expect(textOf(conversation.messages[1] as Message)).toBe('one \n\ntwo');
});

test('a question that is on its way when the page goes is let through', async () => {
	const { server, conversation } = begin();
	const sent = conversation.send('Hi');
	conversation.leave();
	await settle();
	server.run.start();
	expect(await sent).toBe(true);
	await conversation.settled();
	expect(conversation.messages[0]).toMatchObject({ role: 'user' });
});

test('when another tab’s answer is under way, the text is given back and that answer is shown', async () => {
	const { server, conversation } = begin();
	await answer(server, conversation, 'Hi', 'Hello');
	const run = server.begin('run-2');
	run.start();
	run.text('elsewhere');
	server.view = view(
		[...conversation.messages, user('Two'), reply('run-2', 4, 'elsewhere')],
		'run-2'
	);
	server.refusals.push(new Refused(409, 'conversation-busy', 'Wait for the answer.'));

	expect(await conversation.send('Three')).toBe(false);
	await settle();
	expect(conversation.busy).toBe(true);
	expect(conversation.failure?.code).toBe('conversation-busy');
	run.text('goes on');
	run.end();
	await conversation.settled();
	expect(conversation.messages.map(textOf)).toEqual(['Hi', 'Hello', 'Two', 'elsewhere\n\ngoes on']);
});

test('when the page is seen again, it shows what another tab said, live', async () => {
	const { server, conversation, surroundings } = begin();
	conversation.resume();
	await answer(server, conversation, 'Hi', 'Hello');
	const run = server.begin('run-2');
	run.start();
	server.view = view([...conversation.messages, user('Two'), reply('run-2', 1)], 'run-2');
	await surroundings.wake('visible');
	expect(conversation.busy).toBe(true);
	run.text('live');
	run.end();
	await conversation.settled();
	expect(conversation.messages.map(textOf)).toEqual(['Hi', 'Hello', 'Two', 'live']);

	conversation.leave();
	server.view = view([]);
	await surroundings.wake('visible');
	expect(conversation.messages).toHaveLength(4);
});

test('what another tab asks is shown at once, live, and what this one asks is told', async () => {
	const { server, conversation, surroundings } = begin();
	conversation.resume();
	await answer(server, conversation, 'Hi', 'Hello');
	expect(surroundings.told).toEqual(['c1']);

	const run = server.begin('run-2');
	run.start();
	server.view = view([...conversation.messages, user('Two'), reply('run-2', 1)], 'run-2');
	await surroundings.hear('another');
	expect(conversation.busy).toBe(false);
	await surroundings.hear('c1');
	expect(conversation.busy).toBe(true);
	run.text('live');
	run.end();
	await conversation.settled();
	expect(conversation.messages.map(textOf)).toEqual(['Hi', 'Hello', 'Two', 'live']);
	expect(surroundings.told).toEqual(['c1']);
});

test('a look that finds nothing new, or no server, leaves the messages alone', async () => {
	const { server, conversation, surroundings } = begin();
	conversation.resume();
	await answer(server, conversation, 'Hi', 'Hello');
	const before = conversation.messages[1];
	server.view = view($state.snapshot(conversation.messages));
	await surroundings.wake('visible');
	server.view = undefined;
	await surroundings.wake('visible');
	expect(conversation.messages[1]).toBe(before);
	expect(conversation.failure).toBeUndefined();
});

test('when the log cannot be read on, the conversation is loaded anew, never shown with a hole', async () => {
	const { server, conversation } = await load();
	const whole = reply('run-1', 6, 'one two');
	server.view = view([user('Count'), { ...whole, status: 'done' }]);
	server.follow = () => Promise.resolve(undefined);
	conversation.resume();
	await conversation.settled();
	expect(conversation.messages.map(textOf)).toEqual(['Count', 'one two']);
	expect(conversation.failure).toBeUndefined();
});

test('when loading anew does not help either, it says so instead of trying for ever', async () => {
	const { server, conversation } = await load();
	server.follow = () => Promise.resolve(undefined);
	conversation.resume();
	await conversation.settled();
	expect(conversation.failure?.code).toBe('lost');
});

test('a run that the server does not know any more is given up with its reason', async () => {
	const { server, conversation } = await load();
	server.follow = () => Promise.reject(new Refused(404, 'unknown-run', 'There is no such run.'));
	conversation.resume();
	await conversation.settled();
	expect(conversation.failure).toMatchObject({ code: 'unknown-run' });
	expect(conversation.busy).toBe(false);
});

function begin(surroundings: Partial<ScriptedSurroundings> = new ScriptedSurroundings()) {
	const server = new ScriptedServer();
	const conversation = new Conversation(server, undefined, surroundings as ScriptedSurroundings);
	return { server, conversation, surroundings: surroundings as ScriptedSurroundings };
}

/** A conversation that was loaded while its answer was under way. */
async function load() {
	const server = new ScriptedServer();
	server.begin('run-1').start();
	server.run.text('one ');
	server.view = view([user('Count'), reply('run-1', 4, 'one ')], 'run-1');
	const conversation = new Conversation(server, await server.conversation(), impatient);
	return { server, conversation };
}

async function answer(
	server: ScriptedServer,
	conversation: Conversation,
	ask: string,
	text: string
) {
	const sent = conversation.send(ask);
	await settle();
	server.run.start();
	server.run.text(text);
	server.run.end();
	await sent;
	await conversation.settled();
}

function view(messages: Message[], openRun?: string): ConversationView {
	const runs = openRun === undefined ? [] : [{ id: openRun, status: 'running' as const }];
	const copy = $state.snapshot(messages) as Message[];
	return { id: 'c1', title: 'Test', createdAt: 0, updatedAt: 0, messages: copy, runs };
}

function user(text: string): Message {
	return { id: `q-${text}`, role: 'user', createdAt: 0, parts: [part(text)] };
}

function reply(runId: string, seq: number, ...texts: string[]) {
	const [id, role] = [`reply-${runId}`, 'assistant' as const];
	const base = { id, role, runId, agent: 'test', model: 'test', seq };
	return { ...base, status: 'running' as const, parts: texts.map(part) };
}

function part(text: string) {
	return { type: 'text' as const, id: 'text-1', seq: 2, text, closed: true };
}
