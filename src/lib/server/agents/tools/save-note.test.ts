import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeNote } from './save-note.ts';

let around: string;
let folder: string;

beforeEach(() => {
	around = mkdtempSync(join(tmpdir(), 'runnel-notes-'));
	folder = join(around, 'deep', 'notes');
});

afterEach(() => {
	rmSync(around, { recursive: true });
});

test('a note is a Markdown file named after its title, with what it adds', async () => {
	const note = await writeNote(folder, 'Buy milk, and  Käse!', 'Two litres.\r\nFresh.');

	expect(readdirSync(folder)).toEqual(['buy-milk-and-käse.md']);
	const written = readFileSync(join(folder, 'buy-milk-and-käse.md'), 'utf8');
	expect(written).toBe('# Buy milk, and Käse!\n\nTwo litres.\nFresh.\n');
	expect(note).toEqual({
		path: 'notes/buy-milk-and-käse.md',
		patch: [
			'--- /dev/null',
			'+++ b/buy-milk-and-käse.md',
			'@@ -0,0 +1,4 @@',
			'+# Buy milk, and Käse!',
			'+',
			'+Two litres.',
			'+Fresh.',
			''
		].join('\n'),
		added: 4,
		removed: 0
	});
});

test('a name that is taken gets a number, and what was there stays', async () => {
	const notes = await Promise.all(['a', 'b', 'c'].map((text) => writeNote(folder, 'List', text)));

	const names = ['notes/list-2.md', 'notes/list-3.md', 'notes/list.md'];
	expect(notes.map(({ path }) => path).sort()).toEqual(names);
	const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
	expect(texts.sort()).toEqual(['a', 'b', 'c'].map((text) => `# List\n\n${text}\n`));
});

test.for([
	'../../escape',
	'..',
	'/etc/passwd',
	'..\\..\\escape',
	'a\0b',
	'\u202egnp.md',
	'.env',
	'note/../../x',
	'%2e%2e%2fescape',
	'x'.repeat(4096),
	'𝒳'.repeat(4096),
	'字'.repeat(4096),
	'\ud800',
	'',
	'   ',
	'CON:',
	'--help'
])('the title %j stays one file in the folder', async (title) => {
	const { path } = await writeNote(folder, title, 'text');

	expect(path).toMatch(/^notes\/[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}-]*\.md$/u);
	expect(Buffer.byteLength(path)).toBeLessThan(250);
	expect(readdirSync(around)).toEqual(['deep']);
	expect(readdirSync(join(around, 'deep'))).toEqual(['notes']);
	expect(readdirSync(folder)).toEqual([path.replace('notes/', '')]);
});

test('links in the folder are not followed', async () => {
	mkdirSync(folder, { recursive: true });
	const outside = join(around, 'outside.md');
	writeFileSync(outside, 'mine');
	symlinkSync(outside, join(folder, 'list.md'));
	symlinkSync(join(around, 'nowhere.md'), join(folder, 'list-2.md'));

	expect(await writeNote(folder, 'List', 'x')).toMatchObject({ path: 'notes/list-3.md' });
	expect(readFileSync(outside, 'utf8')).toBe('mine');
	expect(readdirSync(around).sort()).toEqual(['deep', 'outside.md']);
});

test('a note that is too long is refused in a sentence', async () => {
	await expect(writeNote(folder, 'List', 'x'.repeat(100_001))).rejects.toThrow('100,000');
	expect(readdirSync(around)).toEqual([]);
});
