import { httpServer } from '#lib/chat/http-server.ts';
import { Refused } from '#lib/chat/server.ts';
import type { Backend } from './backend.ts';

const KEEP_ALIVE_MS = 15_000;

/**
 * A server over HTTP, asked as the page asks it.
 *
 * @throws {Error} with a sentence when it is not there, is no such server, or refuses the token
 */
export async function remote(base: string, token: string | undefined): Promise<Backend> {
	const authorized: typeof fetch = (input, init) => {
		const headers = new Headers(init?.headers);
		if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
		return fetch(input, { ...init, headers });
	};
	const server = httpServer(authorized, base);
	await greet(server, base);
	return {
		...server,
		keepAliveMs: KEEP_ALIVE_MS,
		shared: true,
		close: () => Promise.resolve()
	};
}

async function greet(server: ReturnType<typeof httpServer>, base: string): Promise<void> {
	try {
		const page: { conversations?: unknown } = await server.conversations();
		if (Array.isArray(page.conversations)) return;
	} catch (cause) {
		if (cause instanceof Refused && !cause.code.startsWith('http-')) throw cause;
		const reached = cause instanceof Refused || String(cause).endsWith('The answer was cut.');
		if (!reached) throw new Error(`No server can be reached at ${base}.`, { cause });
	}
	throw new Error(`What answers at ${base} is not Runnel.`);
}
