import type { MarkedToken, Token, Tokens } from 'marked';
import wrapAnsi from 'wrap-ansi';
import { lex } from '#lib/components/markdown/lex.ts';
import { inline } from './inline.ts';
import { colored, type Paint, plain } from './paint.ts';
import { paintDiff } from './paint-diff.ts';
import { table } from './table.ts';
import { tame, tamePainted } from './tame.ts';

/** Longer lines are hard to read. */
const WIDEST = 100;
const NARROWEST = 10;

/**
 * Markdown as lines of a terminal, read as the page reads it. Addresses of links are shown, not
 * hidden behind their text. Code keeps its lines, so that it can be copied. Without colours the
 * marks of Markdown stay where they tell something.
 */
export function renderMarkdown(markdown: string, width: number, color: boolean): string[] {
	const { tokens } = lex(tame(markdown).replaceAll('\t', '    '));
	const room = Math.max(NARROWEST, Math.min(width, WIDEST));
	const lines = blocks(tokens, { width: room, paint: color ? colored : plain, color });
	return tamePainted(lines.join('\n')).split('\n');
}

interface Page {
	width: number;
	paint: Paint;
	color: boolean;
}

/** Blocks under each other, with a blank line between them unless they are a tight list's. */
function blocks(tokens: Token[], page: Page, tight = false): string[] {
	const lines: string[] = [];
	for (const token of tokens as MarkedToken[]) {
		if (token.type === 'space') continue;
		if (lines.length > 0 && !tight) lines.push('');
		lines.push(...block(token, page));
	}
	return lines;
}

function block(token: MarkedToken, page: Page): string[] {
	const { width, paint, color } = page;
	switch (token.type) {
		case 'heading': {
			const mark = color ? '' : `${'#'.repeat(token.depth)} `;
			const words = wrap(mark + inline(token.tokens, page), width);
			return words.map((line) => paint(token.depth === 1 ? ['bold', 'underline'] : 'bold', line));
		}
		case 'paragraph':
			return wrap(inline(token.tokens, page), width);
		case 'text':
			return wrap(inline(token.tokens ?? [token], page), width);
		case 'code':
			return code(token, page);
		case 'blockquote': {
			const inner = blocks(token.tokens, { ...page, width: width - 2 });
			return inner.map((line) => `${paint('dim', '│')} ${line}`.trimEnd());
		}
		case 'list':
			return list(token, page);
		case 'table':
			return table(token, page);
		case 'hr':
			return [paint('dim', '─'.repeat(Math.min(width, 40)))];
		default:
			return wrap(token.raw.trimEnd(), width);
	}
}

function list({ items, ordered, start, loose }: Tokens.List, page: Page): string[] {
	const last = Number(start) + items.length - 1;
	const room = ordered ? String(last).length + 2 : 2;
	const inner = { ...page, width: Math.max(NARROWEST, page.width - room) };
	return items.flatMap((item, index) => {
		const mark = ordered ? `${String(Number(start) + index)}.`.padStart(room - 1) : '•';
		const [box, ...tokens] = item.tokens;
		const boxed = box?.type === 'checkbox';
		const [first = '', ...rest] = blocks(boxed ? tokens : item.tokens, inner, !loose);
		return [
			...(loose && index > 0 ? [''] : []),
			`${page.paint('cyan', mark)} ${boxed ? inline([box], page) : ''}${first}`,
			...rest.map((line) => (line === '' ? '' : ' '.repeat(room) + line))
		];
	});
}

function code({ text, lang, raw }: Tokens.Code, { paint, color }: Page): string[] {
	const lines = text.split('\n');
	if (lang === 'diff') return lines.map((line) => paintDiff(line, paint));
	if (color) return lines.map((line) => paint('cyan', line));
	const [, fence] = /^ {0,3}(`{3,}|~{3,})/.exec(raw) ?? [];
	return fence === undefined ? lines : [fence + (lang ?? ''), ...lines, fence];
}

function wrap(text: string, width: number): string[] {
	// an address that is cut cannot be copied
	return wrapAnsi(text, width, { hard: !text.includes('://') }).split('\n');
}
