/**
 * `npm start`: builds when the build is missing or older than the source, reads `.env`, and serves.
 *
 * The Node adapter does none of this: it listens on every interface, reads no `.env`, and on SIGTERM
 * leaves open streams alone until it cuts them.
 */
import { existsSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { debuglog } from 'node:util';
import { buildWhenStale, entry } from './build.ts';
import { parseConfig } from './lib/server/config.ts';

const SHUTDOWN = Symbol.for('runnel.shutdown');
const UPGRADE = Symbol.for('runnel.upgrade');
/** How long a shutdown may take before the process leaves anyway, in milliseconds. */
const GRACE_MS = 10_000;
/** How long a request may take to arrive. Node looks every 30 s, so that none takes five minutes. */
const REQUEST_MS = 240_000;

if (existsSync('.env')) process.loadEnvFile('.env');
const { HOST, PORT } = orLeave(() => parseConfig(process.env));
process.env['HOST'] = HOST;
process.env['PORT'] = String(PORT);
process.env['BODY_SIZE_LIMIT'] ??= '64M'; // routes have limits of their own, and say so in a sentence

orLeave(buildWhenStale);
const { server } = await (import(pathToFileURL(entry).href) as Promise<AdapterServer>).catch(
	sayAndLeave
);
server.server.once('error', sayAndLeave);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void leave());
server.server.on('upgrade', upgrade);
server.server.requestTimeout = REQUEST_MS;
// others ask for HTTP/2, and are served as if they had not (where Node lets us choose)
Object.assign(server.server, {
	shouldUpgradeCallback: ({ headers }: IncomingMessage) =>
		/^websocket$/i.test(headers.upgrade ?? '')
});
if (server.server.listening) greet();
else server.server.once('listening', greet);

interface AdapterServer {
	server: { server: Server };
}

/** What cannot be done at the start is said in a sentence, without a stack, and ends the process. */
function orLeave<T>(task: () => T): T {
	try {
		return task();
	} catch (cause) {
		sayAndLeave(cause);
	}
}

function sayAndLeave(cause: unknown): never {
	const { message, cause: deeper, code } = cause as NodeJS.ErrnoException;
	console.error(whyNotServed(code) ?? message);
	if (deeper instanceof Error) console.error(deeper.message);
	debuglog('runnel')('%o', cause);
	process.exit(1);
}

function whyNotServed(code: string | undefined): string | undefined {
	switch (code) {
		case 'EADDRINUSE':
			return `Port ${String(PORT)} is taken, by another Runnel perhaps. End that one, or choose another port with PORT.`;
		case 'EADDRNOTAVAIL':
			return `This machine does not have the address ${HOST}. Choose another with HOST.`;
		case 'EACCES':
			return `Only the administrator may listen on port ${String(PORT)}. Choose one above 1023 with PORT.`;
	}
}

function greet(): void {
	const address = server.server.address();
	if (address === null || typeof address === 'string') return;
	const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
	console.log(`Runnel is at http://${host}:${String(address.port)}`);
	if (!/^(127\.|::1$)/.test(address.address)) {
		console.warn('Anybody who reaches this address can use it: there is no sign-in yet.');
	}
}

/** Hands a WebSocket to the built server, which has no hook for it. */
function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
	const { [UPGRADE]: take } = globalThis as {
		[UPGRADE]?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
	};
	if (take) take(request, socket, head);
	else socket.destroy();
}

/** Runs end and are kept, their followers are let go to come again, and the process leaves. */
async function leave(): Promise<void> {
	setTimeout(() => process.exit(1), GRACE_MS).unref();
	const { [SHUTDOWN]: shutdown } = globalThis as { [SHUTDOWN]?: () => Promise<void> };
	await shutdown?.();
	process.exit(0);
}
