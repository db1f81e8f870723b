import type { ToolPart } from '#lib/protocol/messages.ts';
import type { AskPerson, Verdict } from './decisions.ts';
import type { Interrupts } from './interrupts.ts';
import type { LineEditor } from './line-editor.ts';
import { tame } from './tame.ts';
import type { TerminalView } from './terminal-view.ts';
import { diffLines } from './tool-lines.ts';
import { plain } from './paint.ts';

/** Asks one question of the person; undefined when it was called off. */
type AskLine = (question: string, signal: AbortSignal) => Promise<string | undefined>;

/** Asks with the editor, which is otherwise silent. Ctrl-D there leaves, as it does elsewhere. */
export function askAtPrompt(
	view: TerminalView,
	editor: LineEditor,
	interrupts: Interrupts
): AskPerson {
	return askWith(view, async (question, signal) => {
		const { stopping, leaving, leave } = interrupts;
		const line = await editor.read(question, AbortSignal.any([signal, stopping, leaving]));
		if (editor.closed) leave();
		return line;
	});
}

/** Asks about a call with whatever asks for a line. */
function askWith(view: TerminalView, askLine: AskLine): AskPerson {
	return async (part, signal) => {
		view.hold();
		process.stdout.write(`${describe(part)}\n`);
		try {
			for (;;) {
				const line = await askLine('Allow it? (y)es, (n)o, (a)lways: ', signal);
				if (line === undefined) return undefined;
				const verdict = verdictOf(line);
				if (verdict) return verdict;
			}
		} finally {
			view.goOn();
		}
	};
}

function verdictOf(line: string): Verdict {
	const word = line.trim().toLowerCase();
	if (word === 'y' || word === 'yes') return 'yes';
	if (word === 'n' || word === 'no') return 'no';
	return word === 'a' || word === 'always' ? 'always' : undefined;
}

/** All that a person decides about: the arguments in full, and the diffs. */
function describe(part: ToolPart): string {
	const input = part.input === undefined ? '' : tame(JSON.stringify(part.input, undefined, 2));
	return [`${tame(part.name)} asks to run with`, input, ...diffLines(part, plain)].join('\n');
}
