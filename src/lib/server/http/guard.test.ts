import { expect, test } from 'vitest';
import { type Gate, guardStartByGet, isLocal } from './guard.ts';

const gate: Gate = { ORIGIN: undefined, ALLOWED_ORIGINS: [], ALLOWED_HOSTS: [] };
const stream = { accept: 'text/event-stream', host: 'chat.example' };
const here = '127.0.0.1';
const elsewhere = '203.0.113.7';

test.for<[what: string, headers: Record<string, string>, address: string, user?: string]>([
	['a program on this machine', {}, here],
	['one that speaks IPv6', {}, '::1'],
	['one that is known by both', {}, '::ffff:127.0.0.1'],
	['a program elsewhere with a token', {}, elsewhere, 'ada'],
	['our own page, elsewhere', { 'sec-fetch-site': 'same-origin' }, elsewhere],
	['our own page in an older browser', { origin: 'http://chat.example' }, elsewhere],
	['an address that was typed', { 'sec-fetch-site': 'none' }, elsewhere]
])('a GET starts a run for %s', ([, headers, address, user]) => {
	expect(start(headers, address, user)).not.toThrow();
});

test.for<[what: string, headers: Record<string, string>, address: string, user?: string]>([
	['a program elsewhere', {}, elsewhere],
	['one whose address only looks like ours', {}, '1127.0.0.1'],
	['a foreign page, even with a token', { origin: 'http://evil.example' }, elsewhere, 'ada'],
	['a foreign page on this machine', { 'sec-fetch-site': 'cross-site' }, here]
])('a GET starts no run for %s', ([, headers, address, user]) => {
	expect(start(headers, address, user)).toThrow(expect.objectContaining({ status: 403 }));
});

test('a request is from this machine only where no proxy says that it passed it on', () => {
	expect(isLocal(new Headers(), here)).toBe(true);
	expect(isLocal(new Headers(), elsewhere)).toBe(false);
	for (const name of ['forwarded', 'x-forwarded-for', 'x-real-ip']) {
		expect([name, isLocal(new Headers({ [name]: 'for=203.0.113.7' }), here)]).toEqual([
			name,
			false
		]);
	}
});

function start(headers: Record<string, string>, address: string, user?: string): () => void {
	return () => {
		guardStartByGet(new Headers({ ...stream, ...headers }), { address, user }, gate);
	};
}
