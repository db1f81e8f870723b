import { text } from 'node:stream/consumers';

const PATIENCE_MS = 3000;

/** The prompt, and after it whatever comes on standard input, unless that is a terminal. */
export async function readInput(prompt: string): Promise<string> {
	if (process.stdin.isTTY) return prompt;
	const hint = setTimeout(() => {
		process.stderr.write('runnel: reading standard input; < /dev/null gives none.\n');
	}, PATIENCE_MS);
	try {
		const input = (await text(process.stdin)).trim();
		return [prompt, input].filter(Boolean).join('\n\n');
	} finally {
		clearTimeout(hint);
	}
}
