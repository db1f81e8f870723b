import {
	createRemoteJWKSet,
	errors,
	jwtVerify,
	type JWTVerifyGetKey,
	type JWTVerifyOptions
} from 'jose';
import type { KeyObject } from 'node:crypto';
import type { Config } from '#lib/server/config.ts';
import { readPublicKey } from '#lib/server/config-jwt.ts';

/** How far clocks may be apart, in seconds: for so long a token is good beyond its time. */
const CLOCK_TOLERANCE = 30;
const MAX_SUBJECT = 255;
const MAX_TOKEN = 16_384;

/**
 * Tells whose a bearer token is, by its `sub`, and from when on it will be refused (milliseconds since
 * 1970, if its `exp` says so); or what is wrong: the token, or that the keys to check it with cannot
 * be fetched at the moment.
 */
export type CheckBearer = (
	token: string
) => Promise<{ user: string; until?: number } | { fault: 'token' | 'keys' }>;

type Keys = Uint8Array | KeyObject | JWTVerifyGetKey;

/**
 * Checks bearer tokens as the configuration says; undefined when it says nothing about them.
 *
 * The algorithm is the key's, whatever a token claims, and so is the place of the key: `jku`, `x5u`
 * and `kid` in a token fetch nothing and open no file. A `kid` only chooses among the operator's keys.
 */
export function bearerCheck(config: Config): CheckBearer | undefined {
	const chosen = keysOf(config);
	if (!chosen) return;
	const { keys, algorithms } = chosen;
	const options: JWTVerifyOptions = {
		algorithms,
		clockTolerance: CLOCK_TOLERANCE,
		requiredClaims: ['sub'],
		issuer: config.AUTH_JWT_ISSUER,
		audience: config.AUTH_JWT_AUDIENCE
	};

	return async (token) => {
		if (token.length > MAX_TOKEN) return { fault: 'token' };
		try {
			const { payload } = await jwtVerify(token, keys, options);
			const { sub, exp } = payload;
			if (typeof sub !== 'string' || !isSubject(sub)) return { fault: 'token' };
			if (exp === undefined) return { user: sub };
			return { user: sub, until: 1000 * (Math.ceil(exp) + CLOCK_TOLERANCE) };
		} catch (cause) {
			if (isAboutKeys(cause)) {
				console.error('The keys that tokens are checked with cannot be had.', cause);
				return { fault: 'keys' };
			}
			if (cause instanceof errors.JOSEError) return { fault: 'token' };
			throw cause;
		}
	};
}

function keysOf(config: Config): { keys: Keys; algorithms: string[] } | undefined {
	const { AUTH_JWT_SECRET, AUTH_JWT_PUBLIC_KEY, AUTH_JWKS_URL } = config;
	if (AUTH_JWT_SECRET !== undefined) {
		return { keys: new TextEncoder().encode(AUTH_JWT_SECRET), algorithms: ['HS256'] };
	}
	if (AUTH_JWT_PUBLIC_KEY !== undefined) {
		const read = readPublicKey(AUTH_JWT_PUBLIC_KEY);
		return read && { keys: read.key, algorithms: read.algorithms };
	}
	if (AUTH_JWKS_URL !== undefined) {
		const keys = createRemoteJWKSet(new URL(AUTH_JWKS_URL), { timeoutDuration: 5000 });
		return { keys, algorithms: ['RS256', 'ES256', 'EdDSA', 'Ed25519'] };
	}
}

function isSubject(sub: string): boolean {
	return sub !== '' && sub.length <= MAX_SUBJECT && sub.isWellFormed() && !sub.includes('\0');
}

/** What a failed fetch of keys throws, and not what a token that they do not fit throws. */
function isAboutKeys(cause: unknown): boolean {
	if (cause instanceof errors.JWKSTimeout || cause instanceof errors.JWKSInvalid) return true;
	if (cause instanceof TypeError && cause.message === 'fetch failed') return true;
	return cause instanceof errors.JOSEError && cause.constructor === errors.JOSEError;
}
