import type { RunFrom } from '#lib/chat/follow-run.ts';
import { newId } from '#lib/chat/new-id.ts';
import { textOf } from '#lib/protocol/messages.ts';
import { askAtPrompt } from './ask-person.ts';
import type { Backend } from './backend.ts';
import { commandOf } from './commands.ts';
import { Decisions } from './decisions.ts';
import { History } from './history.ts';
import { Interrupts } from './interrupts.ts';
import { LineEditor } from './line-editor.ts';
import { listen } from './listen.ts';
import { statusOf } from './once.ts';
import type { Options } from './options.ts';
import { colored, plain } from './paint.ts';
import { tame } from './tame.ts';
import { TerminalView } from './terminal-view.ts';

const LEAVE_WITHIN_MS = 2000;

/** A session at a terminal: question after question, until the person leaves. Gives the exit status. */
export async function talk(
	backend: Backend,
	options: Options,
	conversationId: string | undefined
): Promise<number> {
	const session = new Session(backend, options);
	if (conversationId !== undefined) await session.resume(conversationId);
	return session.run();
}

/** What a session holds: where it is, and who answers there. */
export class Session {
	agent: string | undefined;
	model: string | undefined;
	conversationId: string | undefined;
	over = false;
	readonly backend: Backend;
	readonly view: TerminalView;
	readonly #history = new History(process.env);
	readonly #editor: LineEditor;
	readonly #interrupts = new Interrupts();
	readonly #decisions: Decisions;
	readonly #prompt: string;
	#busy = false;
	#pressedAt = -Infinity;

	constructor(backend: Backend, options: Options) {
		this.backend = backend;
		this.agent = options.agent;
		this.model = options.model;
		const color = options.color && process.stdout.hasColors();
		this.#prompt = (color ? colored : plain)(['bold', 'cyan'], '> ');
		this.view = new TerminalView({ color, quiet: options.quiet });
		this.#editor = new LineEditor(this.#history.lines);
		this.#editor.oninterrupt = () => {
			this.#press();
		};
		this.#editor.ontype = (line) => {
			this.view.typed = line;
			this.view.redraw();
		};
		this.#editor.online = (line) => {
			if (line.trim() !== '/stop') return false;
			this.#interrupts.press();
			return true;
		};
		const note = (sentence: string) => {
			this.view.note(sentence);
		};
		this.#decisions = new Decisions(
			backend,
			note,
			askAtPrompt(this.view, this.#editor, this.#interrupts)
		);
	}

	async run(): Promise<number> {
		const leave = () => {
			this.over = true;
			this.#interrupts.leave();
			this.#editor.close();
		};
		process.once('SIGTERM', leave).once('SIGHUP', leave);
		this.print('/help tells what else there is; Ctrl-D leaves.');
		while (!this.over && !this.#editor.closed) {
			const line = await this.#editor.read(this.#prompt);
			if (line === undefined) break;
			if (line.trim() === '') continue;
			this.#history.add(line);
			const command = commandOf(line);
			if (command) await this.#guard(() => command(this));
			else if (/^\/\w+\s*$/.test(line))
				this.print(`There is no ${line.trim()}. /help tells what there is.`);
			else await this.ask(line);
		}
		this.#editor.close();
		return 0;
	}

	/** Asks, and shows the answer to its end. */
	async ask(text: string): Promise<void> {
		const { conversationId, agent, model } = this;
		await this.#listen({ question: { conversationId, text, agent, model }, key: newId() });
	}

	/** Goes to another conversation, shows what was said last, and what is being said. */
	async resume(id: string): Promise<void> {
		const view = await this.backend.conversation(id);
		this.conversationId = view.id;
		this.print(`${tame(view.title)} (${view.id})`);
		const { runs, messages } = view;
		const [run] = runs;
		const last = messages.findLast(({ role }) => role === 'user');
		if (last) this.print(`> ${tame(textOf(last))}`);
		const reply = messages.at(-1);
		if (run) await this.#listen({ runId: run.id, after: 0 });
		else if (reply?.role === 'assistant' && reply.retracted === undefined) {
			this.view.text(textOf(reply));
		}
	}

	print(text: string): void {
		process.stdout.write(`${text}\n`);
	}

	async #listen(from: RunFrom): Promise<void> {
		this.#busy = true;
		this.#interrupts.reset();
		const { stopping, leaving } = this.#interrupts;
		const { backend, view } = this;
		await this.#guard(async () => {
			const ending = await listen(from, {
				backend,
				view,
				decisions: this.#decisions,
				stopping,
				leaving
			});
			this.conversationId = ending.conversationId ?? this.conversationId;
			view.settle();
			statusOf(ending, view);
			if (ending.outcome === 'stopped') view.note('Stopped. What was said is kept.');
		});
		this.#busy = false;
	}

	/** What goes wrong is told, and the session goes on. */
	async #guard(work: () => Promise<void> | void): Promise<void> {
		try {
			await work();
		} catch (cause) {
			this.view.settle();
			this.view.note(cause instanceof Error ? cause.message : String(cause));
		}
	}

	#press(): void {
		if (this.#busy) {
			if (this.#interrupts.stopping.aborted) this.over = true;
			this.#interrupts.press();
			return;
		}
		const again = performance.now() - this.#pressedAt < LEAVE_WITHIN_MS;
		this.#pressedAt = performance.now();
		if (again) this.#editor.close();
		else process.stdout.write(`\n(Ctrl-C once more leaves)\n${this.#prompt}`);
	}
}
