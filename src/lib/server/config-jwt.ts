import { createPublicKey, type KeyObject } from 'node:crypto';
import type { z } from 'zod';

/** The variables that say how bearer tokens are checked. */
export interface JwtVariables {
	AUTH_JWT_SECRET?: string | undefined;
	AUTH_JWT_PUBLIC_KEY?: string | undefined;
	AUTH_JWKS_URL?: string | undefined;
	AUTH_JWT_ISSUER?: string | undefined;
	AUTH_JWT_AUDIENCE?: string | undefined;
}

const MIN_SECRET_BYTES = 32;

/** Secrets that stand in tutorials and templates, and are long enough to look like one. */
const KNOWN_SECRETS = new Set([
	'a-string-secret-at-least-256-bits-long',
	'09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
	'super-secret-jwt-token-with-at-least-32-characters-long',
	'0123456789abcdef0123456789abcdef',
	'abcdefghijklmnopqrstuvwxyz123456',
	'abcdefghijklmnopqrstuvwxyz012345'
]);
const PLACEHOLDER =
	/change[-_ ]?(me|this|it|in[-_ ]production)|your[-_ ].*(secret|key)|replace[-_ ]?(me|this)|placeholder/i;

/** Stops the start at a key that is missing, weak, or of a kind that is not taken. */
export function checkJwt(config: JwtVariables, context: z.RefinementCtx): void {
	const wrong = (name: keyof JwtVariables, message: string) => {
		context.addIssue({ code: 'custom', path: [name], message });
	};
	const { AUTH_JWT_SECRET: secret, AUTH_JWT_PUBLIC_KEY: pem, AUTH_JWKS_URL: jwks } = config;
	const keys = (['AUTH_JWT_SECRET', 'AUTH_JWT_PUBLIC_KEY', 'AUTH_JWKS_URL'] as const).filter(
		(name) => config[name] !== undefined
	);

	const [first, second] = keys;
	if (second) wrong(second, `only one key can be set, and ${first ?? ''} is set too`);
	for (const name of ['AUTH_JWT_ISSUER', 'AUTH_JWT_AUDIENCE'] as const) {
		if (config[name] !== undefined && !first) {
			wrong(name, 'there is no key to check tokens with: set AUTH_JWT_SECRET, for one');
		}
	}
	if (secret !== undefined) {
		const fault = faultOfSecret(secret);
		if (fault) wrong('AUTH_JWT_SECRET', fault);
	}
	if (pem !== undefined && !readPublicKey(pem)) {
		wrong(
			'AUTH_JWT_PUBLIC_KEY',
			'must be a public key in PEM, RSA of 2048 bits or more, EC P-256 or Ed25519'
		);
	}
	if (jwks !== undefined && !isSafe(new URL(jwks))) {
		wrong('AUTH_JWKS_URL', 'must be an https address, unless it is on this machine');
	}
}

/** The public key in a PEM (line breaks may be written `\n`), and the algorithms it is for. */
export function readPublicKey(pem: string): { key: KeyObject; algorithms: string[] } | undefined {
	if (pem.includes('PRIVATE KEY')) return;
	let key: KeyObject;
	try {
		key = createPublicKey(pem.replaceAll('\\n', '\n'));
	} catch {
		return;
	}
	const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
	switch (key.asymmetricKeyType) {
		case 'rsa':
			return modulusLength >= 2048 ? { key, algorithms: ['RS256'] } : undefined;
		case 'ec':
			return namedCurve === 'prime256v1' ? { key, algorithms: ['ES256'] } : undefined;
		case 'ed25519':
			return { key, algorithms: ['EdDSA', 'Ed25519'] };
	}
}

function faultOfSecret(secret: string): string | undefined {
	if (Buffer.byteLength(secret) < MIN_SECRET_BYTES) {
		return `must have at least ${String(MIN_SECRET_BYTES)} bytes: make one with "openssl rand -base64 48"`;
	}
	if (KNOWN_SECRETS.has(secret) || PLACEHOLDER.test(secret) || new Set(secret).size < 8) {
		return 'it is a well-known one, or easily guessed: make one with "openssl rand -base64 48"';
	}
}

function isSafe({ protocol, hostname }: URL): boolean {
	return protocol === 'https:' || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
