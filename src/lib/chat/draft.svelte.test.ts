import { beforeEach, expect, test } from 'vitest';
import { Draft, type DraftStorage } from './draft.svelte.ts';
import { ScriptedSurroundings } from './scripted.ts';

beforeEach(() => {
	localStorage.clear();
});

test('what was typed survives a reload, each conversation by itself', async () => {
	const surroundings = new ScriptedSurroundings();
	const draft = new Draft('c1', localStorage, surroundings);
	draft.text = 'Wher';
	draft.text = 'Where do rivers begin';
	expect(draft.text).toBe('Where do rivers begin');
	await surroundings.pass(300);
	expect(new Draft('c1').text).toBe('Where do rivers begin');
	expect(new Draft('c2').text).toBe('');
	expect(new Draft(undefined).text).toBe('');
});

test('it is kept a moment after typing, not at every key', async () => {
	const surroundings = new ScriptedSurroundings();
	const draft = new Draft('c1', localStorage, surroundings);
	draft.text = 'W';
	expect(localStorage).toHaveLength(0);
	await surroundings.pass(299);
	draft.text = 'Wh';
	expect(localStorage).toHaveLength(0);
	await surroundings.pass(1);
	expect(new Draft('c1').text).toBe('Wh');
});

test('what was typed in the last moment before the page goes away is kept', () => {
	const surroundings = new ScriptedSurroundings();
	new Draft('c1', localStorage, surroundings).text = 'Quick';
	surroundings.hide();
	expect(new Draft('c1').text).toBe('Quick');
});

test('the draft of a new conversation goes with it when it gets its id', () => {
	const draft = new Draft(undefined);
	draft.text = 'And then?';
	draft.save();
	draft.moveTo('c1');
	expect(new Draft(undefined).text).toBe('');
	expect(new Draft('c1').text).toBe('And then?');
});

test('an empty draft leaves nothing behind', () => {
	const draft = new Draft('c1');
	draft.text = 'Sent soon';
	draft.save();
	expect(localStorage).toHaveLength(1);
	draft.text = '';
	draft.save();
	expect(localStorage).toHaveLength(0);
});

test('a storage that is full or forbidden does no harm', () => {
	const refuse = () => {
		throw new DOMException('full', 'QuotaExceededError');
	};
	const storage: DraftStorage = { getItem: refuse, setItem: refuse, removeItem: refuse };
	const draft = new Draft('c1', storage);
	draft.text = 'still here';
	draft.save();
	expect(draft.text).toBe('still here');
});
