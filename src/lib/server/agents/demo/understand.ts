const LONGEST_WALK = 20_000;

/** Places that people name and the list of time zones does not. */
const ELSEWHERE: Record<string, string> = {
	beijing: 'Asia/Shanghai',
	delhi: 'Asia/Kolkata',
	mumbai: 'Asia/Kolkata',
	'new delhi': 'Asia/Kolkata',
	'san francisco': 'America/Los_Angeles',
	seattle: 'America/Los_Angeles',
	boston: 'America/New_York',
	washington: 'America/New_York',
	munich: 'Europe/Berlin',
	hamburg: 'Europe/Berlin',
	geneva: 'Europe/Zurich',
	milan: 'Europe/Rome',
	barcelona: 'Europe/Madrid',
	osaka: 'Asia/Tokyo',
	utc: 'UTC',
	gmt: 'UTC'
};

/** The time zones whose time is asked for; null for here. A place nobody knows comes back as it is. */
export function askedTimes(question: string): (string | null)[] {
	if (
		!/\b(what(?:'|’)?s?|which|tell|current|show)\b.*\b(time|date|day)\b|\btime is it\b/i.test(
			question
		)
	) {
		return [];
	}
	const places = /\b(?:time|date|day|it)\b[^.?!]*?\bin\s+([^.?!]+)/i.exec(question)?.[1];
	if (!places) return [null];
	return places
		.split(/,|\band\b|&/)
		.map((place) => place.trim())
		.filter((place) => /^[\p{L}_/' -]+$/u.test(place) && !/\b(what|how|calculate)\b/i.test(place))
		.map(zoneOf);
}

/** The sums in a question, as the calculator takes them. */
export function askedSums(question: string): string[] {
	const share = /(\d[\d.]*)\s*(?:%|percent)\s+of\s+(\d[\d.]*\d|\d)/i.exec(question);
	if (share) return [`${share[2] ?? ''} * ${share[1] ?? ''} / 100`];
	const pieces =
		question.match(
			/(?:(?:sqrt|cbrt|sin|cos|tan|log10|log2|log|exp|abs|round|max|min)\s*\(|\bpi\b|\d[\d.]*|[-+*/^%()×÷−,!]|\s)+/gi
		) ?? [];
	return pieces
		.map((piece) => piece.trim().replace(/^[,!)\s]+|[,!.(\s]+$/g, ''))
		.filter((piece) => /\d\s*[-+*/^×÷−]\s*[\d(sctlearmp]|\w\s*\(/i.test(piece));
}

/** The notes that are to be saved, and what is asked before them. */
export function askedNotes(question: string): { before: string; notes: Note[] } | undefined {
	const [before = '', ...texts] = question.split(
		/\b(?:save|write|make|take|add|keep)(?:\s+(?:me|a|an|another|the|this|following))*\s+note\b\s*(?:(?:that|saying)\b)?\s*[:,]?/i
	);
	if (texts.length === 0) return undefined;
	const notes = texts
		.map((text) =>
			text
				.trim()
				.replace(/\b(?:and|then)$/i, '')
				.trim()
				.replace(/[,;]$/, '')
		)
		.filter((text) => /[\p{L}\p{N}]/u.test(text))
		.map((text) => ({ title: titleOf(text), text }));
	return { before, notes };
}

function titleOf(text: string): string {
	const words = text.split(/\s+/).slice(0, 6).join(' ');
	return words.replace(/[.,:;!?]$/, '');
}

interface Note {
	title: string;
	text: string;
}

/** How many words are wanted, and about what, when a long text is asked for. */
export function askedWords(question: string): { words: number; topic?: string } | undefined {
	const match = /\b(\d[\d,.]*)\s*(?:-\s*)?words?\b(?:[^.?!]*?\b(?:about|on)\s+([^.?!]+))?/i.exec(
		question
	);
	const words = Number(match?.[1]?.replace(/[,.]/g, '') ?? NaN);
	if (words > 0) {
		const topic = match?.[2]?.trim();
		return { words: Math.min(words, LONGEST_WALK), ...(topic ? { topic } : {}) };
	}
	const long = /\b(?:write|tell)\b.*\b(?:story|essay|long|at length)\b/i.test(question);
	return long ? { words: 400 } : undefined;
}

function zoneOf(place: string): string {
	const name = place.toLowerCase().replace(/^the\s+/, '');
	const known = ELSEWHERE[name];
	if (known) return known;
	const city = name.replaceAll(' ', '_');
	const zones = Intl.supportedValuesOf('timeZone');
	return zones.find((zone) => zone.toLowerCase().split('/').at(-1) === city) ?? place;
}
