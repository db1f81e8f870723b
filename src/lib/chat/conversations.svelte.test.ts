import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import type { ConversationPage, ConversationSummary } from '#lib/protocol/conversations.ts';
import { Conversations, UNDO_MS } from './conversations.svelte.ts';
import { ScriptedSurroundings, settle } from './scripted.ts';
import { type ListServer, Refused } from './server.ts';

test('the next page is added, without those that are shown already', async () => {
	const { list, server } = begin({ conversations: [item('c'), item('b')], next: 'b' });
	server.page = { conversations: [item('b'), item('a')] };
	await list.loadMore();
	expect(ids(list)).toEqual(['c', 'b', 'a']);
	expect(server.calls).toEqual(['conversations b']);
	expect(list.next).toBeUndefined();

	await list.loadMore();
	expect(server.calls).toHaveLength(1);
});

test('the newest are read anew, and older ones that were loaded stay', async () => {
	const { list, server } = begin({ conversations: [item('d'), item('c'), item('b')], next: 'b' });
	server.page = { conversations: [item('e'), item('c')], next: 'c' };
	await list.refresh();
	expect(ids(list)).toEqual(['e', 'c', 'b']);
	expect(list.next).toBe('b');

	server.page = { conversations: [item('e')] };
	await list.refresh();
	expect(ids(list)).toEqual(['e']);
	expect(list.next).toBeUndefined();
});

test('it is read anew when another tab tells, or when the page is seen again', async () => {
	const { list, server, surroundings } = begin();
	const stop = list.watch(() => undefined);
	await surroundings.hear('c9');
	await surroundings.wake('visible');
	expect(server.calls).toHaveLength(2);
	stop();
	await surroundings.hear('c9');
	expect(server.calls).toHaveLength(2);
});

test('an effect that reads the list anew is not run again because of it', async () => {
	const { list, server } = begin();
	const stop = $effect.root(() => {
		$effect(() => {
			void list.refresh();
			void list.loadMore();
		});
	});
	flushSync();
	for (let time = 0; time < 5; time++) await settle();
	stop();
	expect(server.calls).toEqual(['conversations ']);
});

test('it is read anew as long as something is under way that nobody here listens to', async () => {
	const answering = { ...item('b'), status: 'running' as const };
	const { list, server, surroundings } = begin({ conversations: [item('c'), answering] });
	server.page = { conversations: [answering, item('c')] };
	let current: string | undefined = 'b';
	const stop = list.watch(() => current);
	await surroundings.pass(10_000);
	expect(server.calls).toHaveLength(0);

	current = 'c';
	await list.refresh();
	await surroundings.pass(3000);
	await surroundings.pass(3000);
	expect(server.calls).toHaveLength(3);
	server.page = { conversations: [{ ...answering, status: 'paused' }, item('c')] };
	await surroundings.pass(3000);
	expect(list.items[0]?.status).toBe('paused');
	await surroundings.pass(10_000);
	expect(server.calls).toHaveLength(4);

	server.page = { conversations: [answering] };
	await list.refresh();
	server.refusal = new Refused(503, 'shutting-down', 'The server is about to leave.');
	await surroundings.pass(3000);
	await surroundings.pass(10_000);
	expect(server.calls).toHaveLength(6);
	server.refusal = undefined;
	await surroundings.wake('online');
	stop();
	await surroundings.pass(10_000);
	expect(server.calls).toHaveLength(7);
});

test('a new title is shown at once, and the old one again when it is refused', async () => {
	const { list, server } = begin();
	const renamed = list.rename('b', 'Rivers');
	expect(list.items[1]?.title).toBe('Rivers');
	await renamed;
	expect(server.calls).toEqual(['rename b Rivers']);

	server.refusal = new Refused(422, 'invalid', 'Too long.');
	await list.rename('b', 'Lakes');
	expect(list.items[1]?.title).toBe('Rivers');
	expect(list.failure?.code).toBe('invalid');
});

test('an empty title, or the same one, changes nothing', async () => {
	const { list, server } = begin();
	await list.rename('b', '  ');
	await list.rename('b', 'Title of b');
	expect(server.calls).toEqual([]);
	expect(list.items[1]?.title).toBe('Title of b');
});

test('a removed conversation is gone at once, and for good when the time to undo is over', async () => {
	const { list, server, surroundings } = begin();
	list.remove('b');
	expect(ids(list)).toEqual(['c', 'a']);
	expect(list.removed?.id).toBe('b');
	await surroundings.pass(UNDO_MS - 1);
	expect(server.calls).toEqual([]);
	await surroundings.pass(1);
	expect(server.calls).toEqual(['remove b']);
	expect(list.removed).toBeUndefined();
});

test('a removal that is undone is never sent', async () => {
	const { list, server, surroundings } = begin();
	list.remove('b');
	list.undo();
	expect(ids(list)).toEqual(['c', 'b', 'a']);
	await surroundings.pass(UNDO_MS);
	expect(server.calls).toEqual([]);
});

test('a removal is sent when another one follows, and when the page goes away', () => {
	const { list, server, surroundings } = begin();
	list.remove('b');
	list.remove('a');
	expect(server.calls).toEqual(['remove b']);
	surroundings.hide();
	expect(server.calls).toEqual(['remove b', 'remove a']);
});

test('a removal that the server refuses is put back in its place, with the reason', async () => {
	const { list, server } = begin();
	server.refusal = new Refused(409, 'conversation-busy', 'An answer is under way.');
	list.remove('b');
	await list.commit();
	expect(ids(list)).toEqual(['c', 'b', 'a']);
	expect(list.failure?.message).toBe('An answer is under way.');
});

test('what waits to be removed does not come back when the list is read anew', async () => {
	const { list, server } = begin();
	list.remove('b');
	server.page = { conversations: [item('c'), item('b'), item('a')] };
	await list.refresh();
	expect(ids(list)).toEqual(['c', 'a']);
});

function begin(page: ConversationPage = { conversations: [item('c'), item('b'), item('a')] }) {
	const server = new ScriptedList();
	const surroundings = new ScriptedSurroundings();
	return { server, surroundings, list: new Conversations(server, page, surroundings) };
}

function item(id: string): ConversationSummary {
	const updatedAt = id.charCodeAt(0);
	return { id, title: `Title of ${id}`, createdAt: updatedAt, updatedAt };
}

function ids(list: Conversations): string[] {
	return list.items.map(({ id }) => id);
}

class ScriptedList implements ListServer {
	calls: string[] = [];
	page: ConversationPage = { conversations: [] };
	refusal: Error | undefined;

	conversations(before?: string) {
		return this.#note(`conversations ${before ?? ''}`, this.page);
	}
	rename(id: string, title: string) {
		return this.#note(`rename ${id} ${title}`, undefined);
	}
	remove(id: string) {
		return this.#note(`remove ${id}`, undefined);
	}

	#note<T>(call: string, answer: T): Promise<T> {
		this.calls.push(call);
		return this.refusal ? Promise.reject(this.refusal) : Promise.resolve(answer);
	}
}
