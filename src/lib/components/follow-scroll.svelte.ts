import type { Attachment } from 'svelte/attachments';

/**
 * Keeps a scrolling element at its end while its content grows, unless the reader scrolled up;
 * coming back to the end follows again. It scrolls when the browser has laid the page out anyway,
 * once per frame, and never asks for a layout of its own.
 */
export class FollowScroll {
	following = $state(true);

	#element: HTMLElement | undefined;
	#top = 0;

	/**
	 * For the scrolling element; its first child is the content that grows. The class `at-end` is
	 * taken from it: the style sheet has kept it at its end until there was somebody to do so.
	 */
	readonly attach: Attachment<HTMLElement> = (element) => {
		this.#element = element;
		element.classList.remove('at-end');
		this.#toEnd();
		const sizes = new ResizeObserver(() => {
			if (this.following) this.#toEnd();
		});
		sizes.observe(element);
		if (element.firstElementChild) sizes.observe(element.firstElementChild);

		const scrolled = () => {
			this.#scrolled(element);
		};
		element.addEventListener('scroll', scrolled, { passive: true });
		return () => {
			sizes.disconnect();
			element.removeEventListener('scroll', scrolled);
			this.#element = undefined;
		};
	};

	/** Goes to the end and follows from there. */
	readonly jump = (): void => {
		this.following = true;
		this.#toEnd();
	};

	#toEnd(): void {
		if (!this.#element) return;
		this.#element.scrollTop = this.#element.scrollHeight;
		this.#top = this.#element.scrollTop;
	}

	#scrolled({ scrollTop, scrollHeight, clientHeight }: HTMLElement): void {
		const gap = scrollHeight - clientHeight - scrollTop;
		// content that shrinks moves the page up too, but leaves no gap
		if (scrollTop < this.#top - 1 && gap > 2) this.following = false;
		else if (gap < 8) this.following = true;
		this.#top = scrollTop;
	}
}
