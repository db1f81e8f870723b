import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = readFileSync(join(import.meta.dirname, '../docs/wires.md'), 'utf8');

/** A piece of code in the documentation, to copy. */
export interface Snippet {
	title: string;
	language: 'js' | 'sh';
	code: string;
}

/** The snippets for clients, on a server at that address. */
export function snippets(url = 'http://127.0.0.1:3000'): Snippet[] {
	const found = section('Snippets').matchAll(/^### ([^\n]+)\n.*?^```(js|sh)\n(.*?)^```/gms);
	return [...found].map(([, title = '', language, code = '']) => ({
		title,
		language: language as Snippet['language'],
		code: code.replaceAll('127.0.0.1:3000', new URL(url).host)
	}));
}

/** What stands under a heading of the page on wires, to the next one of its level. */
export function section(heading: string): string {
	const [, marks = '', text = ''] = new RegExp(`^(#+) ${heading}\\n(.*)`, 'ms').exec(page) ?? [];
	const end = new RegExp(`^#{1,${String(marks.length)}} `, 'm').exec(text);
	return text.slice(0, end?.index);
}
