import type { Numbered } from '#lib/protocol/events.ts';
import type { Part, ReasoningPart, TextPart, ToolPart } from '#lib/protocol/messages.ts';
import { mendOpen } from '#lib/components/markdown/mend-open.ts';
import { Blocks } from './blocks.ts';
import { renderMarkdown } from './markdown.ts';
import type { Paint } from './paint.ts';
import { tame } from './tame.ts';
import { diffLines, liveTool, settledTool } from './tool-lines.ts';

/** What an item needs to know of the terminal. */
export interface Look {
	width: number;
	color: boolean;
	paint: Paint;
}

/** A piece of an answer on the terminal: lines that stay, and lines that still change. */
export interface Item {
	/** The event that began it. */
	readonly seq: number;
	/** No line of it will change any more. */
	settled: boolean;
	hear(event: Numbered): void;
	/** Lines that stay, each given once. */
	take(look: Look): string[];
	/** Lines that still change. */
	live(look: Look, mark: string, now: number): string[];
}

/** The item for a part that has just begun. */
export function itemFor(part: Part, now: number): Item {
	if (part.type === 'text' || part.type === 'reasoning') return new TextItem(part);
	if (part.type === 'tool') return new ToolItem(part, now);
	const words =
		part.type === 'source'
			? `source: ${part.title === undefined ? '' : `${part.title} `}${part.url}`
			: `${part.from} hands over to ${part.to}`;
	return new NoteItem(part.seq, words);
}

class TextItem implements Item {
	readonly seq: number;
	settled = false;
	readonly #dim: boolean;
	readonly #blocks = new Blocks();
	#whole: string[] = [];

	constructor({ seq, type }: TextPart | ReasoningPart) {
		this.seq = seq;
		this.#dim = type === 'reasoning';
	}

	hear(event: Numbered): void {
		if ('delta' in event) this.#whole.push(...this.#blocks.push(event.delta));
		if (event.type !== 'text-end' && event.type !== 'reasoning-end') return;
		this.#whole.push(...this.#blocks.finish());
		this.settled = true;
	}

	take(look: Look): string[] {
		const lines = this.#whole.flatMap((block) => [...this.#render(block, look), '']);
		this.#whole = [];
		return lines;
	}

	live(look: Look): string[] {
		const { open, fenced } = this.#blocks;
		if (open.trim() === '') return [];
		return this.#render(fenced ? open : mendOpen(open), look);
	}

	#render(markdown: string, { width, color, paint }: Look): string[] {
		if (!this.#dim) return renderMarkdown(markdown, width, color);
		return renderMarkdown(markdown, width, false).map((line) => paint('dim', line));
	}
}

class ToolItem implements Item {
	readonly seq: number;
	readonly #part: ToolPart;
	readonly #since: number;
	#shown = 0;

	constructor(part: ToolPart, now: number) {
		this.seq = part.seq;
		this.#part = part;
		this.#since = now;
	}

	get settled(): boolean {
		return ['done', 'failed', 'denied'].includes(this.#part.state);
	}

	hear(): void {
		// the part is the reply's own, and is folded there
	}

	take({ paint }: Look): string[] {
		if (!this.settled || this.#shown++ > 0) return [];
		return [settledTool(this.#part, paint), ...diffLines(this.#part, paint), ''];
	}

	live({ paint }: Look, mark: string, now: number): string[] {
		return [liveTool(this.#part, mark, now - this.#since, paint), ...diffLines(this.#part, paint)];
	}
}

class NoteItem implements Item {
	readonly seq: number;
	readonly settled = true;
	#words: string;

	constructor(seq: number, words: string) {
		this.seq = seq;
		this.#words = words;
	}

	hear(): void {
		// it was whole when it began
	}

	take({ paint }: Look): string[] {
		const lines = this.#words === '' ? [] : [paint('dim', tame(this.#words)), ''];
		this.#words = '';
		return lines;
	}

	live(): string[] {
		return [];
	}
}
