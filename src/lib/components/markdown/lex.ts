import { Lexer, type Links, type MarkedToken, type Token } from 'marked';
import { TameTokenizer } from './tame-tokenizer.ts';

/** What a Markdown text consists of, and the link definitions in it. */
export interface Lexed {
	tokens: MarkedToken[];
	links: Links;
}

/**
 * Reads Markdown (GFM, LF only) into block tokens whose `raw`s are as long as the text together,
 * in bounded time and depth whatever the text is. `links` are definitions from earlier in the
 * same document. What `marked` cannot read is one paragraph of plain text.
 */
export function lex(source: string, links?: Links): Lexed {
	const lexer = new TameLexer({ gfm: true, tokenizer: new TameTokenizer() });
	Object.assign(lexer.tokens.links, links);
	try {
		const tokens = lexer.lex(source);
		return { tokens: tokens as MarkedToken[], links: tokens.links };
	} catch {
		const tokens: Token[] = [{ type: 'escape', raw: source, text: source }];
		return {
			tokens: [{ type: 'paragraph', raw: source, text: source, tokens }],
			links: { ...links }
		};
	}
}

class TameLexer extends Lexer<never, never> {
	override inlineTokens(source: string, tokens: Token[] = []): Token[] {
		if (!explosive(source)) return super.inlineTokens(source, tokens);
		tokens.push({ type: 'escape', raw: source, text: source });
		return tokens;
	}
}

/** `marked` looks ahead at each delimiter: to the end of its word, and of its paragraph. */
function explosive(source: string): boolean {
	if (source.length < 2000) return false;
	if (costOf(source) > 1_000_000_000) return true;
	return [...source.matchAll(/\S{2000,}/g)].some(([word]) => costOf(word) > 4_000_000);
}

function costOf(text: string): number {
	return text.length * text.replace(/[^*_~`[<\\]/g, '').length;
}
