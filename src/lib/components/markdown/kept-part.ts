import type { MarkedToken, Tokens } from 'marked';

/**
 * The finished items of an open list, or the finished rows of an open table: they keep their
 * objects, and only what comes after them is read again.
 */
export interface KeptPart {
	/** What must stand before the rest for it to be read as the same list or table. */
	prefix: string;
	/** The whole, without its source, from what the rest was read as; none if that is something else. */
	join(token: MarkedToken): MarkedToken | undefined;
}

/**
 * What of an open list or table is finished, and how long that is in the text it was read from
 * (without `prefix`). `token` is what the rest was read as, before it was joined.
 */
export function keep(
	token: MarkedToken,
	before: KeptPart | undefined
): { part: KeptPart; length: number } | undefined {
	if (token.type === 'list' && token.items.length > 1) return keepItems(token, before);
	if (token.type === 'table' && token.rows.length > 1) return keepRows(token, before);
	return undefined;
}

function keepItems(token: Tokens.List, before: KeptPart | undefined) {
	const whole = (before?.join(token) ?? token) as Tokens.List;
	const length = sum(token.items.slice(0, -1));
	const items = whole.items.slice(0, -1);
	const bullet = bulletOf(token);
	const part: KeptPart = {
		prefix: '',
		join(rest) {
			if (rest.type !== 'list' || bulletOf(rest) !== bullet) return undefined;
			const loose = whole.loose || rest.loose;
			return { ...whole, raw: '', loose, items: [...items, ...rest.items] };
		}
	};
	return { part, length };
}

function keepRows(token: Tokens.Table, before: KeptPart | undefined) {
	const whole = (before?.join(token) ?? token) as Tokens.Table;
	const lines = token.raw.split('\n', token.rows.length + 1);
	const prefix = before?.prefix ?? lines.slice(0, 2).join('\n') + '\n';
	const rows = whole.rows.slice(0, -1);
	const part: KeptPart = {
		prefix,
		join: (rest) =>
			rest.type === 'table' ? { ...whole, raw: '', rows: [...rows, ...rest.rows] } : undefined
	};
	const length = lines.join('\n').length + 1 - (before ? prefix.length : 0);
	return { part, length };
}

function bulletOf(list: Tokens.List): string | undefined {
	return /^ *(?:\d+)?([-*+.)])/.exec(list.raw)?.[1];
}

function sum(items: Tokens.ListItem[]): number {
	return items.reduce((length, { raw }) => length + raw.length, 0);
}
