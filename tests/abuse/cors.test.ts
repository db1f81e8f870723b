import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../server.ts';

const FRIEND = 'https://friend.example';

let server: TestServer;
let closed: TestServer;

beforeAll(async () => {
	[server, closed] = await Promise.all([
		startServer({ ALLOWED_ORIGINS: FRIEND, ORIGIN: 'https://home.example' }),
		startServer()
	]);
});
afterAll(() => Promise.all([server.remove(), closed.remove()]));

test('a page of an allowed origin may start a run, and resume it', async () => {
	const preflight = await asks(server, '/api/runs', FRIEND);
	expect(preflight.status).toBe(204);
	expect(preflight.headers.get('access-control-allow-origin')).toBe(FRIEND);
	expect(preflight.headers.get('vary')).toContain('origin');
	const methods = preflight.headers.get('access-control-allow-methods')?.split(', ');
	expect(methods).toEqual(['GET', 'POST', 'PATCH', 'DELETE']);
	const allowed = preflight.headers.get('access-control-allow-headers');
	expect(allowed).toBe('content-type,last-event-id,x-stainless-retry-count');

	const started = await fetch(`${server.url}/api/runs`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', origin: FRIEND, 'sec-fetch-site': 'cross-site' },
		body: '{"text":"hi"}'
	});
	expect(started.status).toBe(200);
	expect(started.headers.get('access-control-allow-origin')).toBe(FRIEND);
	const exposed = started.headers.get('access-control-expose-headers');
	for (const name of [
		'x-run-id',
		'x-vercel-ai-ui-message-stream',
		'x-should-retry',
		'retry-after',
		'www-authenticate'
	]) {
		expect(exposed?.split(', ')).toContain(name);
	}
	expect(await started.text()).toContain(`id: ${started.headers.get('x-run-id') ?? ''}:1\n`);
});

test('it can read why it was refused', async () => {
	const headers = { origin: FRIEND };
	for (const path of ['/api/runs/unknown', '/api/nowhere', '/v1/nowhere']) {
		const response = await fetch(server.url + path, { headers });
		expect(response.status).toBe(404);
		expect(response.headers.get('access-control-allow-origin')).toBe(FRIEND);
	}
});

test.for([
	'https://evil.example',
	'https://friend.example.evil.example',
	'http://friend.example',
	'https://friend.example:8443',
	'https://FRIEND.example',
	'https://home.example',
	'null',
	'*',
	''
])('a page of any other origin may read nothing: %s', async (origin) => {
	const preflight = await asks(server, '/api/runs', origin);
	expect(preflight.status).toBe(403);
	const read = await fetch(`${server.url}/api/conversations`, { headers: { origin } });
	for (const { headers } of [preflight, read]) {
		expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
	}
});

test('our own address is ours only where the browser does not say otherwise', async () => {
	const from = (site: string) =>
		fetch(`${server.url}/api/runs`, {
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				origin: 'https://home.example',
				'sec-fetch-site': site
			},
			body: '{"text":"hi"}'
		});
	expect((await from('same-origin')).status).toBe(200);
	for (const site of ['cross-site', 'same-site']) expect((await from(site)).status).toBe(403);
});

test('without ALLOWED_ORIGINS no origin is allowed, and never a star', async () => {
	for (const origin of [FRIEND, '*', closed.url]) {
		const preflight = await asks(closed, '/api/runs', origin);
		expect(preflight.status).toBe(403);
		expect(preflight.headers.has('access-control-allow-origin')).toBe(false);
	}
});

test('what only looks like a preflight is none', async () => {
	const response = await fetch(`${server.url}/api/runs`, {
		method: 'OPTIONS',
		headers: { origin: FRIEND }
	});
	expect(response.status).toBe(405);
});

test('pages are not shared, only the API is', async () => {
	const page = await fetch(server.url, { headers: { origin: FRIEND } });
	expect(page.headers.has('access-control-allow-origin')).toBe(false);
});

test('an allowed page is not sent cookies of ours', async () => {
	const preflight = await asks(server, '/api/runs', FRIEND);
	expect(preflight.headers.has('access-control-allow-credentials')).toBe(false);
});

function asks({ url }: TestServer, path: string, origin: string): Promise<Response> {
	return fetch(url + path, {
		method: 'OPTIONS',
		headers: {
			origin,
			'access-control-request-method': 'POST',
			'access-control-request-headers': 'content-type,last-event-id,x-stainless-retry-count'
		}
	});
}
