import type { ToolPart } from '#lib/protocol/messages.ts';

/** What a tool does, in words: the title it gives itself, or its name read aloud. */
export function titleOf({ title, name }: ToolPart): string {
	const words = title ?? name.replace(/[_-]+/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2');
	return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The arguments of a call in a few words; empty if there are none. */
export function briefOf({ input }: ToolPart): string {
	const values = typeof input === 'object' && input !== null ? Object.values(input) : [input];
	const words = values
		.filter((value) => ['string', 'number', 'boolean'].includes(typeof value))
		.map(String)
		.join(', ')
		.replace(/\s+/g, ' ');
	return words.length > 80 ? `${words.slice(0, 79)}…` : words;
}

/** What a tool was given or gave back, as it was: text as text, all else as JSON. */
export function asItWas(value: unknown): string {
	if (typeof value === 'string') return value;
	return value === undefined ? '' : JSON.stringify(value, undefined, 2);
}

/** How a call stands, in a word; `waits` says that its run waits for a person. */
export function stateOf(
	{ state, progress, approval }: ToolPart,
	live: boolean,
	waits = false
): string {
	switch (state) {
		case 'input':
			return live ? 'Preparing' : 'Not run';
		case 'running':
			if (waits && approval?.approved) return 'Allowed';
			return live ? (progress?.message ?? 'Running') : 'Not finished';
		case 'asking':
			return live || waits ? 'Waits for a decision' : 'Not decided';
		case 'done':
			return 'Done';
		case 'failed':
			return 'Failed';
		case 'denied':
			return 'Denied';
	}
}
