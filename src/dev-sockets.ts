import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Plugin } from 'vite';

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => unknown;

const UPGRADE = Symbol.for('runnel.upgrade');
const shared = globalThis as { [UPGRADE]?: Upgrade };

/** `/api/ws` in `vite dev`, whose server Vite's own WebSocket shares. */
export function devSockets(): Plugin {
	return {
		name: 'runnel-sockets',
		configureServer({ httpServer }) {
			httpServer?.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
				if (request.url?.split('?', 1)[0] !== '/api/ws') return;
				const address = httpServer.address();
				const port = typeof address === 'object' ? address?.port : undefined;
				void rouse(port).then(() => shared[UPGRADE]?.(request, socket, head) ?? socket.destroy());
			});
		}
	};
}

/** The server begins with the first request, and a socket may be earlier. */
async function rouse(port: number | undefined): Promise<void> {
	if (shared[UPGRADE]) return;
	await fetch(`http://localhost:${String(port)}/healthz`).catch(() => undefined);
}
