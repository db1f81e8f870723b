import type { Numbered } from '#lib/protocol/events.ts';
import { foldInto } from '#lib/protocol/fold.ts';
import type { AssistantMessage } from '#lib/protocol/messages.ts';
import { begun } from './begun.ts';
import { Pace } from './pace.ts';
import { tame } from './tame.ts';
import { settledTool } from './tool-lines.ts';
import { drained, type View } from './view.ts';

/**
 * For scripts: the text of the answer on standard output, byte for byte, and all else on standard
 * error. What a pipe took cannot be taken back: a withdrawal or a rewind is told beside it.
 */
export class PlainView implements View {
	readonly #quiet: boolean;
	readonly #pace = new Pace(() => {
		process.stdout.write(this.#held);
		this.#held = '';
	});
	#reply: AssistantMessage | undefined;
	#held = '';
	#partId: string | undefined;
	/** Something was said, and how it ended. */
	#last = '';

	constructor(quiet: boolean) {
		this.#quiet = quiet;
	}

	async show(batch: Numbered[]): Promise<void> {
		for (const event of batch) this.#take(event);
		if (process.stdout.writableNeedDrain) await drained(process.stdout);
	}

	note(sentence: string): void {
		process.stderr.write(`runnel: ${tame(sentence)}\n`);
	}

	settle(): Promise<void> {
		this.#pace.flush();
		if (this.#last !== '' && this.#last !== '\n') process.stdout.write('\n');
		this.#last = '';
		this.#partId = undefined;
		return drained(process.stdout);
	}

	#take(event: Numbered): void {
		this.#reply = begun(event) ?? this.#reply;
		if (this.#reply) foldInto(this.#reply, event);
		switch (event.type) {
			case 'text-delta':
				this.#say(event.partId, event.delta);
				break;
			case 'tool-end':
			case 'tool-error':
			case 'tool-denied': {
				const part = this.#reply?.parts.findLast(({ id }) => id === event.callId);
				if (part?.type === 'tool' && !this.#quiet) process.stderr.write(`${settledTool(part)}\n`);
				break;
			}
			case 'run-rewind':
				this.note('The server was interrupted; a part of what was said is void and comes again.');
				break;
			case 'run-retract':
				this.note(`This answer was withdrawn: ${event.reason}`);
				break;
		}
	}

	/** The parts of an answer are joined by a blank line, as everywhere. */
	#say(partId: string, delta: string): void {
		if (delta === '') return;
		if (this.#partId !== undefined && this.#partId !== partId) this.#held += '\n\n';
		this.#partId = partId;
		this.#held += delta;
		this.#last = delta.slice(-1);
		this.#pace.wish();
	}
}
