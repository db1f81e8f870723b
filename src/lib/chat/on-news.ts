import type { Surroundings } from './surroundings.ts';

/**
 * Calls back whenever there may be news: another tab says so, of one conversation, or nobody could
 * while the page was hidden or offline. Returns a function that ends it.
 */
export function onnews(
	{ onwake, ontold }: Surroundings,
	callback: (conversationId?: string) => void
): () => void {
	const sleep = onwake(() => {
		callback();
	});
	const deafen = ontold(callback);
	return () => {
		sleep();
		deafen();
	};
}
