import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import xterm from '@xterm/headless';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const docs = readFileSync(join(root, 'docs/cli.md'), 'utf8');
const recordings = globSync('docs/recordings/*.cast', { cwd: root });

test.for(recordings)('docs/cli.md shows what %s looks like', async (file) => {
	const link = `](${file.replace(/^docs./, '').replace('\\', '/')})`;
	const [, after] = docs.split(link);
	const [, shown] = /```text\n(.*?)\n```/s.exec(after ?? '') ?? [];
	expect(await screensOf(join(root, file))).toContain(shown);
});

/** What stands on the terminal, after each piece of a recording. */
async function screensOf(file: string): Promise<string[]> {
	const [header, ...pieces] = readFileSync(file, 'utf8')
		.trimEnd()
		.split('\n')
		.map((line): unknown => JSON.parse(line));
	const { version, width, height } = header as { version: number; width: number; height: number };
	expect(version).toBe(2);
	const screen = new xterm.Terminal({
		cols: width,
		rows: height,
		scrollback: 1000,
		allowProposedApi: true
	});
	const screens: string[] = [];
	for (const [, , data] of pieces as [number, 'o', string][]) {
		await new Promise<void>((done) => {
			screen.write(data, done);
		});
		const { active } = screen.buffer;
		const rows = Array.from({ length: active.length }, (_, row) =>
			active.getLine(row)?.translateToString(true)
		);
		screens.push(rows.join('\n').trimEnd());
	}
	return screens;
}
