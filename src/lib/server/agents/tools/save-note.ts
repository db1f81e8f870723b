import type { Tool } from '@openai/agents';
import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { FileDiff, ToolContext } from '../tool-watch.ts';
import { makeTool, ToolFailure } from './make-tool.ts';

const LONGEST = 100_000;
const LONGEST_NAME = 60;
const MOST_OF_A_NAME = 1000;

/** Writes notes into a folder, once a person has allowed it. It changes no file that is there. */
export function saveNote(folder: string): Tool<ToolContext> {
	return makeTool({
		name: 'save_note',
		description:
			'Saves a note as a Markdown file on the user’s server. Use it only when the user asks for it.',
		parameters: z.object({
			title: z.string().describe('A few words; the file is named after them.'),
			text: z.string().describe('The note, in Markdown, without its title.')
		}),
		needsApproval: true,
		execute: async ({ title, text }, _signal, { changed }) => {
			const note = await writeNote(folder, title, text);
			changed(note);
			return { saved: note.path };
		}
	});
}

/**
 * Writes a note into a new file, and tells what that changed. The name is made of letters, digits
 * and hyphens alone and gets a number when it is taken, so the file is nowhere but in the folder.
 *
 * @throws {ToolFailure} when it is too long, or cannot be written
 */
export async function writeNote(folder: string, title: string, text: string): Promise<FileDiff> {
	if (text.length + title.length > LONGEST) {
		throw new ToolFailure(`A note may have ${LONGEST.toLocaleString('en')} characters at most.`);
	}
	const heading = title.replace(/\s+/g, ' ').trim() || 'Note';
	const note = `# ${heading}\n\n${text.replace(/\r\n?/g, '\n').trim()}\n`.toWellFormed();
	await mkdir(folder, { recursive: true, mode: 0o700 });
	const name = await writeNew(folder, slug(title), note);

	const lines = note.split('\n').slice(0, -1);
	const added = lines.length;
	const patch = [
		'--- /dev/null',
		`+++ b/${name}`,
		`@@ -0,0 +1,${String(added)} @@`,
		...lines.map((line) => `+${line}`),
		''
	].join('\n');
	return { path: `notes/${name}`, patch, added, removed: 0 };
}

/** Writes a file that is not there yet, and gives the name that it got. */
async function writeNew(folder: string, name: string, content: string): Promise<string> {
	// new or not at all: neither a file nor what a link points to is ever written over
	const { O_WRONLY, O_CREAT, O_EXCL } = constants;
	for (let number = 1; number <= MOST_OF_A_NAME; number++) {
		const file = number === 1 ? `${name}.md` : `${name}-${String(number)}.md`;
		try {
			const handle = await open(join(folder, file), O_WRONLY | O_CREAT | O_EXCL, 0o600);
			try {
				await handle.writeFile(content);
				await handle.sync();
			} finally {
				await handle.close();
			}
			return file;
		} catch (cause) {
			if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
		}
	}
	throw new ToolFailure('There are too many notes of that name. Use another title.');
}

/** A title as a file name without its ending: letters and digits of any script, and hyphens. */
function slug(title: string): string {
	const words =
		title
			.normalize('NFKC')
			.toLowerCase()
			.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
	const letters = Array.from(words.join('-')).slice(0, LONGEST_NAME).join('');
	return letters.replace(/-$/, '') || 'note';
}
