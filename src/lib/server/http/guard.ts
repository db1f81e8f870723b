import { isIP } from 'node:net';
import type { Config } from '#lib/server/config.ts';
import { Refusal } from './refuse.ts';

/** Which hosts and origins may talk to this server. */
export type Gate = Pick<Config, 'ORIGIN' | 'ALLOWED_ORIGINS' | 'ALLOWED_HOSTS'>;

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Lets a request in by its `Host`, and one that changes something by its `Origin` and
 * `Sec-Fetch-Site` as well, whatever its content type.
 *
 * `Origin` is compared with the `Host` header and not with the server's own address, which it
 * does not know behind a proxy. `Host` itself is held against a list, because a page whose name was
 * rebound to this machine has the right `Origin`.
 *
 * @throws {Refusal} 403
 */
export function guard(request: Request, gate: Gate): void {
	checkHost(request.headers.get('host'), gate);
	if (!SAFE_METHODS.has(request.method)) checkOrigin(request.headers, gate);
}

/**
 * Lets a GET in that starts a run, as an `EventSource` does: it must say that it wants an event
 * stream, and must come from our own page; without the headers that tell, from this machine or
 * with a token.
 *
 * @throws {Refusal} 403, 406
 */
export function guardStartByGet(
	headers: Headers,
	who: { address: string; user: string | undefined },
	gate: Gate
): void {
	if (!headers.get('accept')?.includes('text/event-stream')) {
		throw new Refusal(
			406,
			'not-acceptable',
			'A GET starts a run only for who sends Accept: text/event-stream.'
		);
	}
	checkOrigin(headers, gate);
	const told = headers.has('origin') || headers.has('sec-fetch-site') || who.user !== undefined;
	if (!told && !isLoopback(who.address)) {
		throw new Refusal(
			403,
			'foreign-origin',
			'From another machine, start a run with POST, or from a page of this server.'
		);
	}
}

/**
 * Lets a WebSocket in as if it were a request that changes something.
 *
 * @throws {Refusal} 403
 */
export function guardUpgrade(headers: Headers, gate: Gate): void {
	checkHost(headers.get('host'), gate);
	checkOrigin(headers, gate);
}

/** Whether a request comes from this machine, and no proxy says that it passed it on. */
export function isLocal(headers: Headers, clientAddress: string): boolean {
	const passedOn = ['forwarded', 'x-forwarded-for', 'x-real-ip'].some((name) => headers.has(name));
	return isLoopback(clientAddress) && !passedOn;
}

function checkHost(host: string | null, gate: Gate): void {
	const name = host === null ? undefined : hostOf(`http://${host}`);
	const allowed = [...(gate.ORIGIN ? [gate.ORIGIN] : []), ...gate.ALLOWED_ORIGINS];
	if (name !== undefined) {
		const { hostname } = new URL(`http://${name}`);
		if (isLoopbackName(hostname) || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return;
		if (allowed.some((origin) => new URL(origin).hostname === hostname)) return;
		if (gate.ALLOWED_HOSTS.some((item) => item === name || item === hostname)) return;
	}
	throw new Refusal(
		403,
		'foreign-host',
		'This server does not answer to that host name. Name it in ALLOWED_HOSTS, or set ORIGIN.'
	);
}

function checkOrigin(headers: Headers, gate: Gate): void {
	const origin = headers.get('origin');
	if (origin !== null && isNamed(origin, gate.ALLOWED_ORIGINS)) return;

	const site = headers.get('sec-fetch-site');
	const here = hostOf(`http://${headers.get('host') ?? ''}`);
	const home = origin === null || hostOf(origin) === here || isNamed(origin, [gate.ORIGIN]);
	if (home && (site === null || site === 'same-origin' || site === 'none')) return;
	throw new Refusal(
		403,
		'foreign-origin',
		'This request comes from a page of another origin. Name that origin in ALLOWED_ORIGINS to allow it.'
	);
}

function isNamed(origin: string, named: (string | undefined)[]): boolean {
	return named.some((name) => name !== undefined && new URL(name).origin === origin);
}

/** Host and port of an address, the port left out where it is the scheme's own. */
function hostOf(address: string): string | undefined {
	if (!URL.canParse(address)) return;
	const { protocol, hostname, port, username, pathname } = new URL(address);
	if (!/^https?:$/.test(protocol) || username !== '' || pathname !== '/') return;
	const own = port === '' || (protocol === 'https:' && port === '443');
	return own ? hostname : `${hostname}:${port}`;
}

function isLoopbackName(hostname: string): boolean {
	return hostname === 'localhost' || hostname.endsWith('.localhost');
}

function isLoopback(address: string): boolean {
	return address === '::1' || /^(::ffff:)?127\./.test(address);
}
