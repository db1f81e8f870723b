import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Numbered } from '#lib/protocol/events.ts';
import { encodeRun } from '#lib/wire/encode-run.ts';
import { SocketWire } from '#lib/wire/web-socket.ts';
import { WIRES } from '#lib/wire/wires.ts';
import { startServer, type TestServer } from './server.ts';
import { section, snippets } from './snippets.ts';
import { transcripts } from './transcripts/transcripts.ts';

const root = join(import.meta.dirname, '..');
const SECRET = 'q8Jm2vYtR0xK7nWc4hLp9sDf3gZb6aUe';

let server: TestServer;
beforeAll(async () => {
	server = await startServer({ AUTH_JWT_SECRET: SECRET });
});
afterAll(() => server.remove());

test('the table of wires and events is what the wires say', async () => {
	expect(tableOf(section('Which wire says what'))).toEqual(await whatWiresSay());
});

test('every wire is in the table of wires, and none that is not there', () => {
	const [table = ''] = section('The wires').split('###');
	const rows = [...table.matchAll(/^\| (`[\w-]+`|WebSocket)/gm)];
	const names = rows.map(([, name]) => name?.replaceAll('`', ''));
	expect(names.sort()).toEqual([...Object.keys(WIRES), 'WebSocket'].sort());
});

test.for(snippets())('the snippet does what it says: $title', async ({ title, language }) => {
	const { code } = snippets(server.url).find((snippet) => snippet.title === title)!;
	const token = await new SignJWT({ sub: 'ada' })
		.setProtectedHeader({ alg: 'HS256' })
		.sign(new TextEncoder().encode(SECRET));
	const [program, args] =
		language === 'sh'
			? ['bash', ['-euo', 'pipefail', '-c', code]]
			: [process.execPath, ['--experimental-eventsource', '--input-type=module', '-e', code]];
	const { stdout } = await promisify(execFile)(program, args, {
		cwd: root,
		env: { PATH: process.env['PATH'], TOKEN: token },
		timeout: 25_000
	});
	expect(stdout).toContain('85');
});

type Table = Record<string, Record<string, boolean>>;

function tableOf(text: string): Table {
	const [head = [], , ...rows] = [...text.matchAll(/^\|(.*)\|$/gm)].map(([, line = '']) =>
		line.split('|').map((cell) => cell.trim().replaceAll('`', ''))
	);
	return Object.fromEntries(
		rows.map(([event = '', ...cells]) => [
			event,
			Object.fromEntries(cells.map((cell, index) => [head[index + 1] ?? '', cell === 'yes']))
		])
	);
}

/** For each event, which wires have words for it. */
async function whatWiresSay(): Promise<Table> {
	const table: Table = {};
	for (const { runId, events } of transcripts) {
		const socket = new SocketWire(runId);
		for (const [index, event] of events.entries()) {
			const row = (table[event.type] ??= {});
			for (const wire of Object.values(WIRES)) {
				const block = await lastBlock(runId, events.slice(0, index + 1), wire);
				row[wire.name] ||= /^data:/m.test(block);
			}
			const said = socket.say(event) !== undefined;
			row['WebSocket'] ||= said;
		}
	}
	return table;
}

/** What a wire says of the last of these events. */
async function lastBlock(
	runId: string,
	events: Numbered[],
	wire: (typeof WIRES)[string]
): Promise<string> {
	// eslint-disable-next-line @typescript-eslint/require-await
	const batches = async function* () {
		for (const event of wire.recalls ? events : events.slice(-1)) yield [event];
	};
	let text = '';
	for await (const block of encodeRun(runId, batches(), wire, events.length - 1)) text += block;
	return text;
}
