import type { Numbered } from '#lib/protocol/events.ts';
import { foldInto } from '#lib/protocol/fold.ts';
import type { AssistantMessage } from '#lib/protocol/messages.ts';
import { begun } from './begun.ts';
import { type Item, itemFor, type Look } from './items.ts';
import { LiveArea } from './live-area.ts';
import { renderMarkdown } from './markdown.ts';
import { Pace } from './pace.ts';
import { colored, plain } from './paint.ts';
import { tame } from './tame.ts';
import type { View } from './view.ts';

const MARKS = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const TURN_MS = 100;

/**
 * For people: what stays is written once and scrolls away like anything else; below it stands what
 * still changes (the open block of the text, the calls under way), drawn anew at most every 50 ms.
 */
export class TerminalView implements View {
	/** What the person types meanwhile, shown below the answer. */
	typed = '';
	readonly #output: NodeJS.WriteStream;
	readonly #area: LiveArea;
	readonly #pace = new Pace(() => {
		this.#draw();
	});
	readonly #color: boolean;
	readonly #quiet: boolean;
	#reply: AssistantMessage | undefined;
	#items: Item[] = [];
	#notes: string[] = [];
	#turning: NodeJS.Timeout | undefined;
	#turn = 0;
	#still = false;

	constructor(
		{ color, quiet }: { color: boolean; quiet: boolean },
		output: NodeJS.WriteStream = process.stdout
	) {
		this.#output = output;
		this.#area = new LiveArea(output);
		this.#color = color;
		this.#quiet = quiet;
	}

	show(batch: Numbered[]): void {
		for (const event of batch) this.#take(event);
		this.redraw();
	}

	note(sentence: string): void {
		this.#notes.push(tame(sentence));
		if (this.#still || !this.#turning) this.#flushNotes();
		else this.redraw();
	}

	/** Shows a text that is whole, such as an answer of the past. */
	text(markdown: string): void {
		const { width, color } = this.#look();
		this.#output.write(`${renderMarkdown(markdown, width, color).join('\n')}\n\n`);
	}

	/** Shows what has changed, soon. */
	redraw(): void {
		if (this.#turning && !this.#still) this.#pace.wish();
	}

	/** Shows what has changed, now. */
	drawNow(): void {
		this.#pace.flush();
	}

	/** Leaves the terminal to somebody else, until `goOn`. */
	hold(): void {
		this.#pace.flush();
		this.#still = true;
		this.#area.clear();
		clearInterval(this.#turning);
		this.#turning = undefined;
	}

	goOn(): void {
		this.#still = false;
		if (this.#items.length > 0) this.#begin();
	}

	settle(): void {
		const look = this.#look();
		this.#pace.flush();
		const rest = this.#items.flatMap((item) => [
			...item.take(look),
			...(item.settled ? [] : item.live(look, '-', performance.now()))
		]);
		this.hold();
		this.#still = false;
		if (rest.length > 0) this.#area.print(rest);
		this.#items = [];
		this.typed = '';
		this.#flushNotes();
	}

	#take(event: Numbered): void {
		const reply = begun(event);
		if (reply) {
			this.#reply = reply;
			this.#begin();
		}
		if (!this.#reply) return;
		const parts = this.#reply.parts.length;
		foldInto(this.#reply, event);
		for (const part of this.#reply.parts.slice(parts)) {
			if (!this.#quiet || part.type === 'text') {
				this.#items.push(itemFor(part, performance.now()));
			}
		}
		const id = 'partId' in event ? event.partId : undefined;
		if (id !== undefined) this.#itemOf(id)?.hear(event);
		if (event.type === 'run-rewind') {
			this.#items = this.#items.filter(({ seq }) => seq <= event.toSeq);
			this.note('The server was interrupted; the answer goes on from an earlier point.');
		}
		if (event.type === 'run-retract') {
			this.#items = [];
			this.note(`This answer was withdrawn: ${event.reason}`);
		}
	}

	#itemOf(id: string): Item | undefined {
		const part = this.#reply?.parts.findLast((part) => part.id === id);
		return part && this.#items.findLast(({ seq }) => seq === part.seq);
	}

	#begin(): void {
		this.#turning ??= setInterval(() => {
			this.#turn++;
			this.redraw();
		}, TURN_MS);
	}

	#draw(): void {
		const look = this.#look();
		const stay: string[] = [];
		while (this.#items[0]) {
			const [item] = this.#items;
			stay.push(...item.take(look));
			if (!item.settled) break;
			this.#items.shift();
		}
		if (stay.length > 0) this.#area.print(stay);
		this.#flushNotes();
		this.#area.draw(this.#below(look));
	}

	/** The lines that still change, as many as fit. */
	#below(look: Look): string[] {
		const mark = MARKS[this.#turn % MARKS.length] ?? '';
		const now = performance.now();
		const lines = this.#items.flatMap((item) => item.live(look, mark, now));
		if (lines.length === 0) lines.push(look.paint('cyan', mark));
		if (this.typed !== '') lines.push('', `> ${this.typed}`);
		const rows = Math.max(3, (this.#output.rows || 24) - 2);
		return lines.join('\n').split('\n').slice(-rows);
	}

	#flushNotes(): void {
		const { paint } = this.#look();
		const notes = this.#notes.splice(0).map((note) => paint('yellow', note));
		if (notes.length > 0) this.#area.print(notes);
	}

	#look(): Look {
		const { width } = this.#area;
		return { width, color: this.#color, paint: this.#color ? colored : plain };
	}
}
