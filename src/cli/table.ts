import type { Tokens } from 'marked';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { inline } from './inline.ts';
import type { Paint } from './paint.ts';

/** A column that is narrower cannot be read. */
const NARROWEST = 7;

/** A table within that width: in a frame, or cell under cell where there is no room for columns. */
export function table(
	{ header, rows }: Tokens.Table,
	look: { width: number; paint: Paint; color: boolean }
): string[] {
	const text = ({ tokens }: Tokens.TableCell) => inline(tokens, look);
	const head = header.map((cell) => look.paint('bold', text(cell)));
	const body = rows.map((row) => row.map(text));
	const natural = head.map((_, column) =>
		Math.max(1, ...[head, ...body].map((row) => stringWidth(row[column] ?? '')))
	);
	const widths = fit(natural, look.width - 3 * natural.length - 1);
	if (!widths) return records(head, body, look.width);

	const dim = (line: string) => look.paint('dim', line);
	const rule = (left: string, middle: string, right: string) =>
		dim(left + widths.map((width) => '─'.repeat(width + 2)).join(middle) + right);
	const aligns = header.map(({ align }) => align);
	const framed = (row: string[]) =>
		high(row, widths, aligns).map(
			(cells) => `${dim('│')} ${cells.join(` ${dim('│')} `)} ${dim('│')}`
		);
	return [
		rule('┌', '┬', '┐'),
		...framed(head),
		rule('├', '┼', '┤'),
		...body.flatMap(framed),
		rule('└', '┴', '┘')
	];
}

/** The widths that columns get: the widest give way first. Undefined when that is not enough. */
function fit(natural: number[], room: number): number[] | undefined {
	const least = natural.map((width) => Math.min(width, NARROWEST));
	if (least.reduce((sum, width) => sum + width, 0) > room) return undefined;
	const total = (cap: number) => natural.reduce((sum, width) => sum + Math.min(width, cap), 0);
	let cap = Math.max(...natural);
	while (total(cap) > room) cap--;
	return natural.map((width) => Math.min(width, cap));
}

/** A row as lines of cells, all of the same height. */
function high(row: string[], widths: number[], aligns: Tokens.TableCell['align'][]): string[][] {
	const cells = widths.map((width, column) =>
		wrapAnsi(row[column] ?? '', width, { hard: true }).split('\n')
	);
	const height = Math.max(...cells.map(({ length }) => length));
	return Array.from({ length: height }, (_, line) =>
		cells.map((lines, column) => pad(lines[line] ?? '', widths[column] ?? 0, aligns[column]))
	);
}

function pad(text: string, width: number, align: Tokens.TableCell['align'] | undefined): string {
	const space = Math.max(0, width - stringWidth(text));
	const left = align === 'right' ? space : align === 'center' ? Math.floor(space / 2) : 0;
	return ' '.repeat(left) + text + ' '.repeat(space - left);
}

function records(head: string[], body: string[][], width: number): string[] {
	return body.flatMap((row, index) => [
		...(index > 0 ? [''] : []),
		...row.flatMap((cell, column) =>
			wrapAnsi(`${head[column] ?? ''}: ${cell}`, width, { hard: true }).split('\n')
		)
	]);
}
