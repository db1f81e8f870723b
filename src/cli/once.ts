import type { RunFrom } from '#lib/chat/follow-run.ts';
import { newId } from '#lib/chat/new-id.ts';
import { Refused } from '#lib/chat/server.ts';
import type { Backend } from './backend.ts';
import { type AskPerson, Decisions } from './decisions.ts';
import { Interrupts } from './interrupts.ts';
import { JsonView } from './json-view.ts';
import type { LineEditor } from './line-editor.ts';
import { type Ending, listen } from './listen.ts';
import type { Options } from './options.ts';
import { PlainView } from './plain-view.ts';
import type { View } from './view.ts';

/** Asks one question, or follows one run, to its end, and gives the exit status. */
export async function once(
	backend: Backend,
	options: Options,
	{ text, conversationId }: { text: string; conversationId: string | undefined }
): Promise<number> {
	const { agent, model, follow } = options;
	const interrupts = new Interrupts();
	const { view, ask, editor } = await viewFor(options, interrupts);
	const decisions = new Decisions(
		backend,
		(sentence) => {
			view.note(sentence);
		},
		ask
	);
	let status: number | undefined;
	const leave = (code: number) => () => {
		status = code;
		interrupts.leave();
	};
	process.on('SIGINT', interrupts.press);
	process.once('SIGTERM', leave(143));
	process.once('SIGHUP', leave(129));
	// whoever read the answer is gone (head, less): so is the reason to go on
	process.stdout.on('error', leave(141));

	const question = { conversationId, text, agent, model };
	const from: RunFrom =
		follow === undefined ? { question, key: newId() } : { runId: follow, after: 0 };
	const { stopping, leaving } = interrupts;
	const ending = await listen(from, { backend, view, decisions, stopping, leaving })
		.catch((cause: unknown) => explained(cause, backend, conversationId))
		.finally(() => view.settle())
		.finally(() => editor?.close());
	if (status === 141 && ending.runId !== undefined && follow === undefined) {
		await backend.stop(ending.runId);
	}
	return status ?? statusOf(ending, view);
}

/** The exit status that an ending comes to; what a person should know is noted. */
export function statusOf({ outcome, failure }: Ending, view: View): number {
	if (failure) view.note(failure.message);
	if (outcome === 'limit') view.note('The answer is as long as it may be, and was cut there.');
	if (outcome === 'stopped' || outcome === 'left') return 130;
	return outcome === 'done' || outcome === 'limit' ? 0 : 1;
}

/** Throws it again, with what helps. */
async function explained(
	cause: unknown,
	backend: Backend,
	conversationId: string | undefined
): Promise<never> {
	if (!(cause instanceof Refused) || cause.code !== 'conversation-busy' || !conversationId) {
		throw cause;
	}
	const { runs } = await backend.conversation(conversationId);
	const [run] = runs;
	if (!run) throw cause;
	const message = `This conversation is being answered. runnel --follow ${run.id} shows it.`;
	throw new Error(message, { cause });
}

async function viewFor(
	{ json, quiet, color }: Options,
	interrupts: Interrupts
): Promise<{ view: View; ask?: AskPerson; editor?: LineEditor }> {
	if (json) return { view: new JsonView() };
	if (!process.stdout.isTTY || process.env['TERM'] === 'dumb') {
		return { view: new PlainView(quiet) };
	}
	const { TerminalView } = await import('./terminal-view.ts');
	const view = new TerminalView({ color: color && process.stdout.hasColors(), quiet });
	if (!process.stdin.isTTY) return { view };
	const [{ askAtPrompt }, { LineEditor }] = await Promise.all([
		import('./ask-person.ts'),
		import('./line-editor.ts')
	]);
	// what is typed meanwhile would stand in the middle of what is drawn
	const editor = new LineEditor([]);
	editor.deaf = true;
	editor.oninterrupt = interrupts.press;
	return { view, ask: askAtPrompt(view, editor, interrupts), editor };
}
