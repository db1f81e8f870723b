import type { Attachment } from 'svelte/attachments';
import type { Stretch } from './highlighter.ts';

/** How far from the view code has its colours, in pixels. */
const NEAR = 600;

/**
 * Colours the code in an element while it is near the view, when the browser has time. It uses the
 * CSS Custom Highlight API: no node is added or replaced, so nothing moves and a selection stays.
 * A browser looks at every coloured range again in each frame, so what is far has none. Browsers
 * without that API show the code as it is.
 */
export function highlightCode(language: string): Attachment<HTMLElement> {
	return (element) => {
		// where colours are forced, a highlight would have a ground of its own
		if (!('highlights' in CSS) || matchMedia('(forced-colors: active)').matches) return;
		let near = false;
		let stretches: Stretch[] | undefined;
		let cancel: (() => void) | undefined;
		let remove: (() => void) | undefined;

		const show = () => {
			if (near && stretches) remove ??= colour(element, stretches);
		};
		const read = () => {
			void import('./highlighter.ts').then(({ stretchesOf }) => {
				stretches = stretchesOf(element.textContent, language);
				show();
			});
		};
		const hide = () => {
			remove?.();
			remove = undefined;
		};
		const watcher = new IntersectionObserver(
			(entries) => {
				near = entries.at(-1)?.isIntersecting ?? false;
				if (!near) hide();
				else if (stretches) show();
				else cancel ??= whenIdle(read);
			},
			{ root: element.closest('[role=log]'), rootMargin: `${String(NEAR)}px 0px` }
		);
		watcher.observe(element);

		return () => {
			near = false;
			watcher.disconnect();
			cancel?.();
			hide();
		};
	};
}

function whenIdle(callback: () => void): () => void {
	if (!('requestIdleCallback' in globalThis)) {
		const timer = setTimeout(callback, 200);
		return () => {
			clearTimeout(timer);
		};
	}
	const handle = requestIdleCallback(callback, { timeout: 2000 });
	return () => {
		cancelIdleCallback(handle);
	};
}

function colour(element: HTMLElement, stretches: Stretch[]): () => void {
	const places = placesIn(element);
	const added = stretches.map(({ group, start, end }) => {
		const highlight = CSS.highlights.get(`code-${group}`) ?? new Highlight();
		CSS.highlights.set(`code-${group}`, highlight);
		const range = new StaticRange({ ...places(start, 'start'), ...places(end, 'end') });
		highlight.add(range);
		return () => highlight.delete(range);
	});
	return () => {
		for (const remove of added) remove();
	};
}

/** Finds the text node and offset of a place in an element's text; places must not go back. */
function placesIn(element: HTMLElement) {
	const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
	const nodes: { node: Node; start: number }[] = [];
	let length = 0;
	for (let node = walker.nextNode(); node; node = walker.nextNode()) {
		nodes.push({ node, start: length });
		length += node.nodeValue?.length ?? 0;
	}

	function find(place: number): { node: Node; offset: number } {
		const found = nodes.findLast(({ start }) => start <= place);
		return { node: found?.node ?? element, offset: place - (found?.start ?? 0) };
	}

	return <Side extends 'start' | 'end'>(place: number, side: Side) => {
		const { node, offset } = find(place);
		return { [`${side}Container`]: node, [`${side}Offset`]: offset } as Record<
			`${Side}Container`,
			Node
		> &
			Record<`${Side}Offset`, number>;
	};
}
