import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';

test('without an environment everything has its default', () => {
	expect(parseConfig({})).toEqual({
		HOST: '127.0.0.1',
		PORT: 3000,
		DATABASE_URL: 'file:data/runnel.db',
		OPENAI_API: 'responses',
		OPENAI_MODEL: 'gpt-5.6-luna',
		FLUSH_MS: 40,
		KEEP_ALIVE_MS: 15_000,
		STALL_TIMEOUT_MS: 60_000,
		MODEL_IDLE_TIMEOUT_MS: 60_000,
		MAX_TURNS: 10,
		RUNNEL_API_KEYS: [],
		MAX_STREAMS: 5000,
		MAX_STREAMS_PER_OWNER: 200,
		MAX_RUNS: 2000,
		MAX_RUNS_PER_OWNER: 50,
		ALLOWED_ORIGINS: [],
		ALLOWED_HOSTS: []
	});
});

test('an empty variable counts as not set', () => {
	expect(parseConfig({ OPENAI_API_KEY: '', PORT: ' ' })).toEqual(parseConfig({}));
});

test('lists are separated by commas', () => {
	const { ALLOWED_ORIGINS, ALLOWED_HOSTS } = parseConfig({
		ALLOWED_ORIGINS: 'https://a.example, http://b.example:8080',
		ALLOWED_HOSTS: 'chat.lan,'
	});
	expect(ALLOWED_ORIGINS).toEqual(['https://a.example', 'http://b.example:8080']);
	expect(ALLOWED_HOSTS).toEqual(['chat.lan']);
});

test.for([
	['PORT', 'three thousand'],
	['PORT', '70000'],
	['DATABASE_URL', 'mysql://somewhere'],
	['OPENAI_API', 'assistants'],
	['OPENAI_BASE_URL', 'localhost:11434'],
	['FLUSH_MS', '-1'],
	['MAX_TURNS', '0'],
	['ALLOWED_ORIGINS', 'example.org']
])('a wrong value stops the start with a sentence that names it: %s=%s', ([name, value]) => {
	expect(() => parseConfig({ [name!]: value })).toThrow(new RegExp(`^${name!} is not usable: .+`));
});

test('a value is never repeated in the sentence: it may be a secret in the wrong place', () => {
	expect(() => parseConfig({ PORT: 'sk-secret' })).not.toThrow(/sk-secret/);
	expect(() => parseConfig({ PORT: 'sk-secret' })).toThrow(/PORT/);
});
