import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether an `Authorization` header brings one of these keys. How long the answer takes says
 * nothing about the keys.
 */
export function bringsKey(authorization: string | null, keys: string[]): boolean {
	const [, brought = ''] = /^Bearer +(.+)$/i.exec(authorization ?? '') ?? [];
	const digest = digestOf(brought);
	let found = false;
	for (const key of keys) found = timingSafeEqual(digestOf(key), digest) || found;
	return found;
}

// digests are of one length, which the comparison needs
function digestOf(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}
