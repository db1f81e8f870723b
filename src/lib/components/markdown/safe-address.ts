import { decodeReferences } from './plain-text.ts';

const SCHEMES = ['http:', 'https:', 'mailto:'];

/** The address if it is one that a page may link to (http, https, mailto), as browsers read it. */
export function safeAddress(href: string): string | undefined {
	const url = URL.parse(decodeReferences(href));
	return url && SCHEMES.includes(url.protocol) ? url.href : undefined;
}
