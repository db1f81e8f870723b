import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

/**
 * The physical limit: passes the bytes of the model server on as they are. Nothing is understood,
 * kept or checked, so no server that answers through `node:http` can be cheaper.
 */
const upstream = new URL(process.env['OPENAI_BASE_URL'] ?? '');
const agent = new Agent({ keepAlive: true });

const server = createServer((incoming, outgoing) => {
	const { method, headers } = incoming;
	const path = `${upstream.pathname}${incoming.url ?? ''}`;
	const onward = request(
		{ host: upstream.hostname, port: upstream.port, path, method, headers, agent },
		(answer) => {
			outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
			pipeline(answer, outgoing, () => undefined);
		}
	);
	pipeline(incoming, onward, () => undefined);
});
server.listen(0, '127.0.0.1', () => {
	console.log(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
});
