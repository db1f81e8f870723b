const NAMED: Record<string, string> = {
	amp: '&',
	lt: '<',
	gt: '>',
	quot: '"',
	apos: "'",
	nbsp: '\u00a0',
	ndash: '–',
	mdash: '—',
	hellip: '…',
	lsquo: '‘',
	rsquo: '’',
	ldquo: '“',
	rdquo: '”',
	laquo: '«',
	raquo: '»',
	bull: '•',
	middot: '·',
	copy: '©',
	reg: '®',
	trade: '™',
	deg: '°',
	plusmn: '±',
	times: '×',
	divide: '÷',
	ne: '≠',
	le: '≤',
	ge: '≥',
	asymp: '≈',
	infin: '∞',
	radic: '√',
	sum: '∑',
	pi: 'π',
	micro: 'µ',
	frac12: '½',
	sup2: '²',
	sup3: '³',
	larr: '←',
	rarr: '→',
	uarr: '↑',
	darr: '↓',
	harr: '↔',
	rArr: '⇒',
	euro: '€',
	pound: '£',
	sect: '§',
	para: '¶',
	check: '✓',
	Tab: '\t',
	NewLine: '\n',
	colon: ':',
	sol: '/',
	lpar: '(',
	rpar: ')'
};

/** The text that HTML's character references stand for: numbers, and the names that people use. */
export function decodeReferences(text: string): string {
	if (!text.includes('&')) return text;
	return text.replace(/&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|(\w{1,12}));/g, read);
}

function read(whole: string, decimal?: string, hex?: string, name?: string): string {
	if (name !== undefined) return (Object.hasOwn(NAMED, name) ? NAMED[name] : undefined) ?? whole;
	const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
	const forbidden = code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff);
	return String.fromCodePoint(forbidden ? 0xfffd : code);
}

/**
 * Puts marks in the place of characters that turn the order of letters around: in code and
 * addresses they show something else than what is there.
 */
export function showControls(text: string): string {
	return text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (control) => {
		const code = control.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
		return `[U+${code}]`;
	});
}

const RIGHT_TO_LEFT =
	/^\P{L}*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/**
 * The direction for an element with paragraphs in it, from its first letter: `dir=auto` does not
 * look into children that have a direction of their own.
 */
export function directionOf(text = ''): 'rtl' | 'auto' {
	return RIGHT_TO_LEFT.test(text) ? 'rtl' : 'auto';
}
