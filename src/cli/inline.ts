import type { MarkedToken, Token } from 'marked';
import { decodeReferences, showControls } from '#lib/components/markdown/plain-text.ts';
import type { Paint } from './paint.ts';
import { tame } from './tame.ts';

/** What stands in a line of Markdown, with colours where they are wanted, and not yet wrapped. */
export function inline(tokens: Token[], look: { paint: Paint; color: boolean }): string {
	return (tokens as MarkedToken[]).map((token) => word(token, look)).join('');
}

function word(token: MarkedToken, look: { paint: Paint; color: boolean }): string {
	const { paint, color } = look;
	switch (token.type) {
		case 'text':
			return token.tokens ? inline(token.tokens, look) : words(token.text);
		case 'escape':
			return words(token.text);
		case 'strong':
			return paint('bold', inline(token.tokens, look));
		case 'em':
			return paint('italic', inline(token.tokens, look));
		case 'del': {
			const text = inline(token.tokens, look);
			return color ? paint('strikethrough', text) : `~~${text}~~`;
		}
		case 'codespan': {
			const text = showControls(token.text);
			return color ? paint('cyan', text) : `\`${text}\``;
		}
		case 'link': {
			const label = inline(token.tokens, look);
			// what is an address by itself may lack its beginning
			const bare = ['', 'mailto:', 'http://'].some((start) => token.href === start + token.text);
			return paint('underline', label) + (bare ? '' : address(token.href, paint));
		}
		case 'image':
			return `[image: ${words(token.text)}]${address(token.href, paint)}`;
		case 'checkbox':
			return token.checked ? '[x] ' : '[ ] ';
		case 'br':
			return '\n';
		default:
			return words(token.raw);
	}
}

function words(text: string): string {
	// a reference may stand for a character that must not reach a terminal
	return tame(decodeReferences(text)).replaceAll('\n', ' ');
}

function address(href: string, paint: Paint): string {
	return paint('dim', ` (${tame(showControls(href))})`);
}
