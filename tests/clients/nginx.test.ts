import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../server.ts';

const hasNginx = spawnSync('nginx', ['-v']).error === undefined;

// nginx as it comes, and with compression switched on for event streams too
describe.skipIf(!hasNginx).each([
	['as it comes', ''],
	['compressing event streams', 'gzip on; gzip_types text/event-stream; gzip_proxied any;']
])('behind nginx %s', (_name, extra) => {
	let server: TestServer;
	let proxy: { url: string; stop: () => Promise<void> };

	beforeAll(async () => {
		server = await startServer();
		proxy = await startNginx(server.url, extra);
	});
	afterAll(async () => {
		await proxy.stop();
		await server.remove();
	});

	test('an answer arrives in many pieces while it is said, not in one at its end', async () => {
		const response = await fetch(`${proxy.url}/api/runs`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ text: 'write 60 words about a river' })
		});
		expect(response.status).toBe(200);
		let text = '';
		let deltasBeforeTheEnd = 0;
		for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
			text += piece;
			if (piece.includes('"text-delta"') && !text.includes('"run-end"')) deltasBeforeTheEnd++;
		}
		expect(text).toContain('"run-end"');
		expect(deltasBeforeTheEnd).toBeGreaterThan(5);
	});
});

async function startNginx(target: string, extra: string) {
	const folder = mkdtempSync(join(tmpdir(), 'runnel-nginx-'));
	const port = await freePort();
	const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
		.map((name) => `${name}_temp_path ${folder}/${name};`)
		.join(' ');
	const config = `
		daemon off; pid ${folder}/pid; error_log stderr warn;
		events {}
		http {
			access_log off; ${paths} ${extra}
			server { listen 127.0.0.1:${port}; location / { proxy_pass ${target}; } }
		}`;
	writeFileSync(join(folder, 'nginx.conf'), config);
	const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
		stdio: 'ignore'
	});
	const url = `http://127.0.0.1:${port}`;
	for (let ready = false; !ready;) {
		ready = await fetch(`${url}/healthz`).then(
			(response) => response.ok,
			() => false
		);
		if (child.exitCode !== null) throw new Error('nginx did not start');
	}
	return {
		url,
		async stop() {
			const gone = once(child, 'exit');
			child.kill('SIGTERM');
			await gone;
			rmSync(folder, { recursive: true, force: true });
		}
	};
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, 'close');
	return port;
}
