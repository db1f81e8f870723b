const BARE_MARKER =
	/^[ \t>]*(?:[-*+_=](?:[ \t]*[-*+_=])*|[-*+][ \t]+\[[ xX]?\]?|\d{1,9}[.)]?|#{1,6}|`+|~+)?[ \t]*$/;
const BLOCK_START = /^[ \t]*(?:$|>|[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t])/;
const LONGEST = 4000;

/**
 * Makes the end of a text that is still growing look as it probably will: a marker without text
 * waits, half a table head is a table, emphasis and code that are open are closed, and of half a
 * link only its words are shown. Only the last paragraph of the text is looked at.
 */
export function mendOpen(text: string): string {
	const lineStart = text.lastIndexOf('\n') + 1;
	const mended = BARE_MARKER.test(text.slice(lineStart)) ? text.slice(0, lineStart) : text;
	const start = lastParagraph(mended);
	if (mended.length - start > LONGEST) return mended;

	const paragraph = mended.slice(start);
	if (paragraph.trim() === '') return mended;
	return mended.slice(0, start) + (tableHead(paragraph) ?? closeInline(paragraph));
}

function lastParagraph(text: string): number {
	let end = text.length;
	while (end > 0 && text.length - end <= LONGEST) {
		const start = text.lastIndexOf('\n', end - 1) + 1;
		const line = text.slice(start, end);
		if (line.trim() === '') return Math.min(end + 1, text.length);
		if (BLOCK_START.test(line)) return start;
		end = start - 1;
	}
	return Math.max(end, 0);
}

function tableHead(paragraph: string): string | undefined {
	const [head = '', delimiter = '', ...rows] = paragraph.split('\n');
	if (rows.length > 0 || !/^ {0,3}\|.*[^\s|]/.test(head)) return undefined;
	if (!/^[ |:-]*$/.test(delimiter)) return undefined;

	const columns = head.replace(/\\\|/g, '').replace(/^ *\|/, '').replace(/\| *$/, '').split('|');
	return `${closeInline(head)}\n|${'-|'.repeat(columns.length)}`;
}

const MARKS = /\\[\s\S]|(`+)|(\*{1,3}|_{1,3}|~~)|(!?\[)|(\]\([^()\s]*(?:\s+"[^"]*"?)?\)?)|\]/g;

function closeInline(text: string): string {
	const open: string[] = [];
	const brackets: { at: number; length: number }[] = [];
	const marks = new RegExp(MARKS);

	for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
		const [all, ticks, emphasis, bracket, target] = mark;
		const after = mark.index + all.length;
		const last = after === text.length;

		if (ticks) {
			const end = closingTicks(text, ticks, after);
			if (end === undefined) {
				const rest = text.slice(after).trimEnd();
				const code =
					rest === '' ? text.slice(0, mark.index) : `${text.slice(0, after)}${rest}${ticks}`;
				return close(code, open);
			}
			marks.lastIndex = end;
		} else if (emphasis) {
			const opened = open.lastIndexOf(emphasis);
			const before = text.charAt(mark.index - 1);
			if (opened !== -1 && /\S/.test(before)) open.length = opened;
			else if (last) return close(text.slice(0, mark.index), open);
			else if (/^[\s([{"'*_~>|]?$/.test(before) && /\S/.test(text.charAt(after)))
				open.push(emphasis);
		} else if (bracket) {
			if (!/\w/.test(text.charAt(mark.index - 1)))
				brackets.push({ at: mark.index, length: all.length });
		} else {
			const label = brackets.pop();
			if (label && last && !all.endsWith(')')) {
				const words = text.slice(label.at + label.length, mark.index);
				return close(text.slice(0, label.at) + words, open);
			}
			if (!label && target) marks.lastIndex = mark.index + 1;
		}
	}

	const label = brackets.at(-1);
	if (!label) return close(text, open);
	return close(text.slice(0, label.at) + text.slice(label.at + label.length), open);
}

function closingTicks(text: string, ticks: string, from: number): number | undefined {
	const runs = /`+/g;
	runs.lastIndex = from;
	for (let run = runs.exec(text); run; run = runs.exec(text)) {
		if (run[0].length === ticks.length) return runs.lastIndex;
	}
	return undefined;
}

function close(text: string, open: string[]): string {
	return open.length === 0 ? text : text.trimEnd() + open.toReversed().join('');
}
