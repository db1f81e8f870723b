import { render } from 'markdansi';
import { tame, tamePainted } from './tame.ts';

/** Markdown as lines of a terminal. Addresses of links are shown, not hidden behind their text. */
export function renderMarkdown(markdown: string, width: number, color: boolean): string[] {
	const painted = render(tame(markdown).replaceAll('\t', '    '), {
		width: Math.max(20, Math.min(width, 100)),
		color,
		hyperlinks: false,
		codeBox: false,
		tableTruncate: false
	});
	return tamePainted(painted)
		.replace(/^\n+|\n+$/g, '')
		.split('\n');
}
