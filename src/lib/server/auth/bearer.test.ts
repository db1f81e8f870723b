import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
	exportJWK,
	exportSPKI,
	generateKeyPair,
	SignJWT,
	UnsecuredJWT,
	type JWTPayload
} from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import { parseConfig } from '#lib/server/config.ts';
import { bearerCheck, type CheckBearer } from './bearer.ts';

const SECRET = 'q8Jm2vYtR0xK7nWc4hLp9sDf3gZb6aUe';
const HEADER = { alg: 'HS256' };
const REFUSED = { fault: 'token' };

const now = () => Math.floor(Date.now() / 1000);

const close: (() => void)[] = [];
afterEach(() => {
	for (const end of close.splice(0)) end();
});

test('without a key tokens are not looked at', () => {
	expect(bearerCheck(parseConfig({}))).toBeUndefined();
});

describe('with a shared secret', () => {
	const check = checkWith({ AUTH_JWT_SECRET: SECRET });

	test('a good token tells its user, and from when on it is refused', async () => {
		const exp = now() + 60;
		const until = 1000 * (exp + 30); // clocks differ
		expect(await check(await sign({ sub: 'ada', exp }))).toEqual({ user: 'ada', until });
		expect(await check(await sign({ sub: 'ada', exp: exp - 0.5 }))).toEqual({ user: 'ada', until });
		expect(await check(await sign({ sub: 'ada' }))).toEqual({ user: 'ada' });
	});

	test.for<[string, JWTPayload, object]>([
		['expired', { sub: 'ada', exp: now() - 120 }, HEADER],
		['not yet valid', { sub: 'ada', nbf: now() + 120 }, HEADER],
		['without a sub', {}, HEADER],
		['with an empty sub', { sub: '' }, HEADER],
		['with an endless sub', { sub: 'x'.repeat(256) }, HEADER],
		['with a NUL in its sub', { sub: 'a\0b' }, HEADER],
		['with half a surrogate pair in its sub', { sub: 'a\ud800' }, HEADER],
		['with a sub that is no text', { sub: 7 as unknown as string }, HEADER],
		['with another algorithm of the same family', { sub: 'ada' }, { alg: 'HS512' }]
	])('a token %s is refused', async ([, payload, header]) => {
		expect(await check(await sign(payload, header))).toEqual(REFUSED);
	});

	test('a crit that nobody knows is refused', async () => {
		const header = { alg: 'HS256', crit: ['telepathy'], telepathy: true };
		const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
		const input = `${part(header)}.${part({ sub: 'ada' })}`;
		const { createHmac } = await import('node:crypto');
		const signature = createHmac('sha256', SECRET).update(input).digest('base64url');
		expect(await check(`${input}.${signature}`)).toEqual(REFUSED);
	});

	test('a clock half a minute off does not matter', async () => {
		const late = await sign({ sub: 'ada', exp: now() - 10 });
		expect(await check(late)).toMatchObject({ user: 'ada' });
		expect(await check(await sign({ sub: 'ada', nbf: now() + 10 }))).toEqual({ user: 'ada' });
	});

	test('an unsigned, forged, cut or senseless token is refused', async () => {
		const token = await sign({ sub: 'ada' });
		const [header, , signature] = token.split('.');
		const mallory = Buffer.from('{"sub":"mallory"}').toString('base64url');
		const forged = `${header!}.${mallory}.${signature!}`;
		const unsigned = new UnsecuredJWT({ sub: 'ada' }).encode();
		const other = await sign({ sub: 'ada' }, HEADER, 'another-secret-of-at-least-32-bytes');
		for (const bad of [
			forged,
			unsigned,
			other,
			token.slice(0, -2),
			'',
			'x',
			'a.b.c',
			'.'.repeat(2)
		]) {
			expect(await check(bad)).toEqual(REFUSED);
		}
		expect(await check('x'.repeat(20_000))).toEqual(REFUSED);
		const endless = await sign({ sub: 'ada', more: 'x'.repeat(20_000) });
		expect(await check(endless)).toEqual(REFUSED);
	});

	test('issuer and audience must be right where they are set', async () => {
		const strict = checkWith({
			AUTH_JWT_SECRET: SECRET,
			AUTH_JWT_ISSUER: 'https://id.example',
			AUTH_JWT_AUDIENCE: 'runnel'
		});
		const right = { sub: 'ada', iss: 'https://id.example', aud: ['runnel', 'other'] };
		expect(await strict(await sign(right))).toEqual({ user: 'ada' });
		for (const wrong of [
			{ ...right, iss: 'https://evil.example' },
			{ ...right, aud: 'other' },
			{ sub: 'ada', aud: 'runnel' },
			{ sub: 'ada', iss: 'https://id.example' }
		]) {
			expect(await strict(await sign(wrong))).toEqual(REFUSED);
		}
	});

	test('the place of a key that a token names is not looked at', async () => {
		const { url, asked } = await keyServer({ keys: [] });
		for (const name of ['jku', 'x5u', 'kid']) {
			const token = await sign({ sub: 'ada' }, { alg: 'HS256', [name]: url });
			expect(await check(token)).toEqual({ user: 'ada' });
		}
		const attack = await sign({ sub: 'ada' }, { alg: 'HS256', kid: '../../dev/null' }, '\0');
		expect(await check(attack)).toEqual(REFUSED);
		expect(asked()).toBe(0);
	});
});

test.for(['RS256', 'ES256', 'EdDSA'])('a public key takes %s and nothing else', async (alg) => {
	const { publicKey, privateKey } = await generateKeyPair(alg);
	const pem = await exportSPKI(publicKey);
	const check = checkWith({ AUTH_JWT_PUBLIC_KEY: pem.replaceAll('\n', '\\n') });

	const token = new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg });
	expect(await check(await token.sign(privateKey))).toEqual({ user: 'ada' });
	// the old trick: the public key, which everybody has, as a shared secret
	const trick = new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'HS256' });
	expect(await check(await trick.sign(new TextEncoder().encode(pem)))).toEqual(REFUSED);
});

describe('with a key set', () => {
	test('keys are fetched once from the address that is configured, whatever a token names', async () => {
		const good = await generateKeyPair('ES256');
		const evil = await generateKeyPair('ES256');
		const own = await keyServer({ keys: [{ ...(await exportJWK(good.publicKey)), kid: 'a' }] });
		const foreign = await keyServer({ keys: [{ ...(await exportJWK(evil.publicKey)), kid: 'b' }] });
		const check = checkWith({ AUTH_JWKS_URL: own.url });

		const by = (key: typeof good, header: object) =>
			new SignJWT({ sub: 'ada' })
				.setProtectedHeader({ alg: 'ES256', ...header })
				.sign(key.privateKey);
		expect(await check(await by(good, { kid: 'a' }))).toEqual({ user: 'ada' });
		expect(await check(await by(good, {}))).toEqual({ user: 'ada' });
		for (const header of [
			{ kid: 'b', jku: foreign.url },
			{ kid: foreign.url },
			{ kid: 'a', x5u: foreign.url }
		]) {
			expect(await check(await by(evil, header))).toEqual(REFUSED);
		}
		expect(own.asked()).toBe(1);
		expect(foreign.asked()).toBe(0);
	});

	test.for<[string, RequestListener | undefined]>([
		['nobody answers', undefined],
		['the answer does not come', () => undefined],
		['the answer is an error', (_request, response) => response.writeHead(500).end('{"keys":[]}')],
		['the answer is no set of keys', (_request, response) => response.end('{"keys":7}')],
		['the answer is a page', (_request, response) => response.end('<h1>Sign in</h1>')]
	])('while the keys cannot be had nobody can tell: %s', async ([, listener]) => {
		const { url, stop } = await keyServer({ keys: [] }, listener);
		if (!listener) stop();
		const { privateKey } = await generateKeyPair('ES256');
		const token = await new SignJWT({ sub: 'ada' })
			.setProtectedHeader({ alg: 'ES256' })
			.sign(privateKey);
		expect(await checkWith({ AUTH_JWKS_URL: url })(token)).toEqual({ fault: 'keys' });
	});
});

function checkWith(env: Record<string, string>): CheckBearer {
	const check = bearerCheck(parseConfig(env));
	if (!check) throw new Error('There is no key.');
	return check;
}

function sign(payload: JWTPayload, header: object = HEADER, secret = SECRET): Promise<string> {
	return new SignJWT(payload)
		.setProtectedHeader({ alg: 'HS256', ...header })
		.sign(new TextEncoder().encode(secret));
}

/** A server with a key set, which counts who asks. */
async function keyServer(keys: object, listener?: RequestListener) {
	let count = 0;
	const server = createServer((request, response) => {
		count++;
		if (listener) listener(request, response);
		else response.setHeader('content-type', 'application/json').end(JSON.stringify(keys));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	const stop = () => {
		server.closeAllConnections();
		server.close();
	};
	close.push(stop);
	return { url: `http://127.0.0.1:${String(port)}/keys`, asked: () => count, stop };
}
