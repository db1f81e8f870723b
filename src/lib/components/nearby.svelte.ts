import { SvelteSet } from 'svelte/reactivity';
import type { Attachment } from 'svelte/attachments';

/** So many messages at the end are shown in full from the start. */
const AT_ONCE = 4;

/**
 * Which messages have been near what the reader sees. The others are there as plain text (so that
 * searching in the page finds them) and cost next to nothing until the reader comes near.
 */
export class Nearby {
	readonly #first: number;
	readonly #near = new SvelteSet<string>();
	#watcher: IntersectionObserver | undefined;
	readonly #ids = new WeakMap<Element, string>();

	/** `count` is how many messages there are to begin with; later ones are always near. */
	constructor(count: number) {
		this.#first = count - AT_ONCE;
	}

	has(id: string, index: number): boolean {
		return index >= this.#first || this.#near.has(id);
	}

	/** For the element that stands in for the message until it is near. */
	watch(id: string): Attachment {
		return (element) => {
			const watcher = (this.#watcher ??= this.#newWatcher(element.closest('[role=log]')));
			this.#ids.set(element, id);
			watcher.observe(element);
			return () => {
				watcher.unobserve(element);
			};
		};
	}

	#newWatcher(root: Element | null): IntersectionObserver {
		const seen = (entries: IntersectionObserverEntry[]) => {
			for (const { isIntersecting, target } of entries) {
				const id = this.#ids.get(target);
				if (isIntersecting && id !== undefined) this.#near.add(id);
			}
		};
		return new IntersectionObserver(seen, { root, rootMargin: '600px 0px' });
	}
}
