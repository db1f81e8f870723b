import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { expect, test } from 'vitest';
import { readPublicKey } from './config-jwt.ts';
import { parseConfig } from './config.ts';

const SECRET = 'q8Jm2vYtR0xK7nWc4hLp9sDf3gZb6aUe';

test.for(['short', 'x'.repeat(31), 'ü'.repeat(15)])(
	'a secret under 32 bytes stops the start: %s',
	(secret) => {
		expect(() => parseConfig({ AUTH_JWT_SECRET: secret })).toThrow(
			/^AUTH_JWT_SECRET is not usable: must have at least 32 bytes/
		);
	}
);

test.for([
	'a-string-secret-at-least-256-bits-long',
	'super-secret-jwt-token-with-at-least-32-characters-long',
	'your-super-secret-jwt-key-of-some-length',
	'please-change-me-please-change-me-please',
	'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
	'01010101010101010101010101010101'
])('a secret from a tutorial stops the start, and is not repeated: %s', (secret) => {
	const start = () => parseConfig({ AUTH_JWT_SECRET: secret });
	expect(start).toThrow(/^AUTH_JWT_SECRET is not usable: it is a well-known one/);
	expect(start).not.toThrow(secret);
});

test('a good secret is taken', () => {
	expect(parseConfig({ AUTH_JWT_SECRET: SECRET }).AUTH_JWT_SECRET).toBe(SECRET);
});

test('two keys at once stop the start', () => {
	expect(() =>
		parseConfig({ AUTH_JWT_SECRET: SECRET, AUTH_JWKS_URL: 'https://id.example/jwks' })
	).toThrow(/AUTH_JWKS_URL is not usable: only one key can be set/);
});

test.for(['AUTH_JWT_ISSUER', 'AUTH_JWT_AUDIENCE'])('%s without a key stops the start', (name) => {
	expect(() => parseConfig({ [name]: 'https://id.example' })).toThrow(`${name} is not usable`);
});

test('keys are fetched over https, or from this machine', () => {
	expect(() => parseConfig({ AUTH_JWKS_URL: 'http://id.example/jwks' })).toThrow(/https/);
	expect(parseConfig({ AUTH_JWKS_URL: 'http://127.0.0.1:9/jwks' }).AUTH_JWKS_URL).toBeDefined();
});

test('a public key tells its algorithm; a private, weak or foreign one stops the start', () => {
	const rsa = pems(generateKeyPairSync('rsa', { modulusLength: 2048 }));
	const weak = pems(generateKeyPairSync('rsa', { modulusLength: 1024 }));
	const ec = pems(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }));
	const other = pems(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }));
	const ed = pems(generateKeyPairSync('ed25519'));

	expect(readPublicKey(rsa.publicKey)?.algorithms).toEqual(['RS256']);
	expect(readPublicKey(ec.publicKey)?.algorithms).toEqual(['ES256']);
	expect(readPublicKey(ed.publicKey.replaceAll('\n', '\\n'))?.algorithms).toContain('EdDSA');
	for (const wrong of [weak.publicKey, other.publicKey, rsa.privateKey, 'no key']) {
		expect(() => parseConfig({ AUTH_JWT_PUBLIC_KEY: wrong })).toThrow(/must be a public key/);
	}
});

function pems({ publicKey, privateKey }: KeyPairKeyObjectResult) {
	return {
		publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
		privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
	};
}
