import type { Links, MarkedToken } from 'marked';
import { Block } from './block.svelte.ts';
import { keep, type KeptPart } from './kept-part.ts';
import { lex } from './lex.ts';
import { mendOpen } from './mend-open.ts';
import { OpenFence } from './open-fence.ts';

/** Above this many characters an open block is not read again for every delta. */
const LONG = 8192;

/**
 * The blocks of a Markdown text that grows. A delta costs what the last open block costs, not the
 * whole text: finished blocks keep their objects, and so their nodes on the page. Lines of open
 * code are appended; finished items and rows of an open list or table are kept; a very long open
 * block is read again after each sixty-fourth of its length.
 *
 * When the text is complete it is read once as a whole, and blocks that differ are replaced:
 * what is shown in the end is what `marked` says, whatever the deltas were. Only then do links
 * work whose definition comes later, and HTML with blank lines inside a tag.
 */
export class MarkdownBlocks {
	blocks: Block[] = $state.raw([]);

	#given = '';
	#text = '';
	#live = true;
	#links: Links = {};
	/** How many blocks are finished, and where in the text the rest begins. */
	#finished = 0;
	#start = 0;
	#fence: OpenFence | undefined;
	#kept: KeptPart | undefined;
	#keptStart = 0;
	#readLength = 0;
	#opened: Block | undefined;

	constructor(text: string, live: boolean) {
		this.update(text, live);
	}

	/** Shows this text; `live` says that more may come. Text that did not just grow starts over. */
	update(text: string, live: boolean): void {
		if (text === this.#given && live === this.#live) return;
		if (!this.#live || !text.startsWith(this.#given)) this.#reset();
		this.#append(text.slice(this.#given.length), live);
		this.#given = text;
		this.#live = live;

		if (live) this.#grow();
		else this.#finish();
		this.#open(live ? this.blocks.at(-1) : undefined);
	}

	#open(block: Block | undefined): void {
		if (this.#opened === block) return;
		if (this.#opened) this.#opened.open = false;
		if (block) block.open = true;
		this.#opened = block;
	}

	#reset(): void {
		this.#given = '';
		this.#text = '';
		this.#links = {};
		this.#finished = 0;
		this.#moveTo(0);
	}

	/** The text has LF only; a CR at the end waits for what follows it. */
	#append(delta: string, live: boolean): void {
		const whole = this.#given.endsWith('\r') ? `\r${delta}` : delta;
		const known = live && whole.endsWith('\r') ? whole.slice(0, -1) : whole;
		this.#text += known.replace(/\r\n?/g, '\n');
	}

	#moveTo(start: number, kept?: KeptPart): void {
		this.#start = start;
		this.#kept = kept;
		this.#fence = undefined;
		this.#readLength = 0;
	}

	#grow(): void {
		for (;;) {
			const rest = this.#text.slice(this.#start);
			if (!this.#kept) this.#fence ??= OpenFence.in(rest);
			const progress = this.#fence ? this.#takeCode(this.#fence, rest) : this.#read(rest);
			if (!progress) return;
		}
	}

	#takeCode(fence: OpenFence, rest: string): boolean {
		const end = fence.take(rest);
		this.#show([fence.token(rest.slice(0, end))]);
		if (end === undefined) return false;
		this.#finished += 1;
		this.#moveTo(this.#start + end);
		return true;
	}

	/** Reads the open rest, and says whether some of it is finished and the rest must be read anew. */
	#read(rest: string): boolean {
		const grown = rest.length - this.#readLength;
		if (rest.length > LONG && grown < rest.length / 64) return false;
		this.#readLength = rest.length;

		const prefix = this.#kept?.prefix ?? '';
		const { tokens, links } = lex(mendOpen(prefix + rest), this.#links);
		const [first, ...others] = tokens;
		if (!first) {
			this.#show([]);
			return false;
		}

		const joined = this.#kept ? this.#kept.join(first) : first;
		if (!joined) {
			this.#moveTo(this.#keptStart);
			return true;
		}
		this.#show([joined, ...others]);

		const count = finishedCount(tokens, prefix + rest);
		if (count > 0) {
			const done = tokens.slice(0, count);
			this.#finished += done.filter(visible).length;
			if (done.some(({ type }) => type === 'def')) this.#links = links;
			this.#moveTo(this.#start + lengthOf(done) - prefix.length);
			return true;
		}

		const kept = others.length === 0 ? keep(first, this.#kept) : undefined;
		if (kept) {
			if (!this.#kept) this.#keptStart = this.#start;
			this.#moveTo(this.#start + kept.length, kept.part);
		}
		return false;
	}

	#finish(): void {
		const { tokens, links } = lex(this.#text);
		const refers = Object.keys(links).length > 0;
		const before = this.blocks;
		this.#finished = 0;
		this.#show(
			tokens.filter(visible).map((token, index) => {
				const known = before[index]?.token;
				const same = known?.type === token.type && known.raw === token.raw;
				return same && !(refers && token.raw.includes('[')) ? known : token;
			})
		);
	}

	/** Puts these tokens after the finished blocks. */
	#show(tokens: MarkedToken[]): void {
		const shown = tokens.filter(visible);
		const length = this.#finished + shown.length;
		const added: Block[] = [];
		for (const [index, token] of shown.entries()) {
			const block = this.blocks[this.#finished + index];
			if (!block) added.push(new Block(this.#finished + index, token));
			else if (block.token !== token) block.token = token;
		}
		if (length !== this.blocks.length) this.blocks = [...this.blocks.slice(0, length), ...added];
	}
}

function visible({ type }: MarkedToken): boolean {
	return type !== 'space' && type !== 'def';
}

function lengthOf(tokens: MarkedToken[]): number {
	return tokens.reduce((length, { raw }) => length + raw.length, 0);
}

/** How many of the first tokens will stay as they are, whatever text comes next. */
function finishedCount(tokens: MarkedToken[], text: string): number {
	let count = 0;
	let end = 0;
	for (const [index, token] of tokens.entries()) {
		end += token.raw.length;
		if (token.type === 'space') {
			if (index === count && text.slice(end - token.raw.length, end).endsWith('\n')) count += 1;
			continue;
		}
		if (!ends(token, tokens[index + 1]) && !overtaken(tokens, index, text, end)) break;
		count = index + 1;
	}
	return count;
}

/** A blank line ends it for good. */
function ends(token: MarkedToken, next: MarkedToken | undefined): boolean {
	if (next?.type !== 'space' || !/\n[ \t]*\n/.test(next.raw)) return false;
	return ['paragraph', 'heading', 'hr', 'table', 'def'].includes(token.type);
}

/** Another block has begun after it, with a first line that is complete. */
function overtaken(tokens: MarkedToken[], index: number, text: string, end: number): boolean {
	const next = tokens.slice(index + 1);
	const space = next[0]?.type === 'space' ? next[0].raw.length : 0;
	return text.indexOf('\n', end + space) !== -1;
}
