import { actual, type Surroundings } from './surroundings.ts';

const PAUSE_MS = 300;

/** Where drafts are kept: `localStorage`, or something like it. */
export type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/**
 * What was typed and not sent, kept over a reload. One for each conversation; a conversation that
 * has no id yet has a draft of its own.
 */
export class Draft {
	#text = $state('');
	#key: string;
	readonly #storage: DraftStorage | undefined;
	readonly #surroundings: Surroundings;
	#callOff: (() => void) | undefined;

	constructor(
		conversationId: string | undefined,
		storage: DraftStorage | undefined = pageStorage(),
		surroundings: Surroundings = actual
	) {
		this.#key = keyFor(conversationId);
		this.#storage = storage;
		this.#surroundings = surroundings;
		this.#text = attempt(() => storage?.getItem(this.#key)) ?? '';
	}

	get text(): string {
		return this.#text;
	}

	set text(text: string) {
		this.#text = text;
		if (this.#callOff) return;
		const later = this.#surroundings.after(PAUSE_MS, () => {
			this.save();
		});
		const hidden = this.#surroundings.onhide(() => {
			this.save();
		});
		this.#callOff = () => {
			later();
			hidden();
		};
	}

	/** A new conversation got its id: what was typed since belongs to it. */
	moveTo(conversationId: string): void {
		attempt(() => this.#storage?.removeItem(this.#key));
		this.#key = keyFor(conversationId);
		this.save();
	}

	/** Keeps the draft now, and not a moment later. */
	save(): void {
		this.#callOff?.();
		this.#callOff = undefined;
		attempt(() => {
			if (this.#text === '') this.#storage?.removeItem(this.#key);
			else this.#storage?.setItem(this.#key, this.#text);
		});
	}
}

function keyFor(conversationId: string | undefined): string {
	return `runnel:draft:${conversationId ?? ''}`;
}

/** Reading the property alone throws where a browser forbids storage. */
function pageStorage(): DraftStorage | undefined {
	return typeof window === 'undefined' ? undefined : attempt(() => window.localStorage);
}

/** A full or forbidden storage costs the draft its second life, and nothing else. */
function attempt<T>(task: () => T): T | undefined {
	try {
		return task();
	} catch {
		return undefined;
	}
}
