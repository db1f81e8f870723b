/**
 * Time, chance and the page, as much of them as the state in `chat` depends on: handed in, so that
 * tests decide when something happens. What waits returns a function that calls it off.
 */
export interface Surroundings {
	/** Milliseconds since some moment. */
	now: () => number;
	/** From 0 up to 1. */
	random: () => number;
	after: (milliseconds: number, callback: () => void) => () => void;
	/** Calls back once before the next paint, or soon when the page is not painted. */
	onframe: (callback: () => void) => () => void;
	/** Calls back whenever the network is back, or the page can be seen again. */
	onwake: (callback: (reason: 'online' | 'visible') => void) => () => void;
	/** Calls back whenever the page is hidden or goes away: the last chance to keep something. */
	onhide: (callback: () => void) => () => void;
	/** Tells the other tabs of this browser that something new is being said in a conversation. */
	tell: (conversationId: string) => void;
	/** Calls back whenever another tab tells. */
	ontold: (callback: (conversationId: string) => void) => () => void;
}

// hidden pages get no animation frames at all
const UNPAINTED_MS = 200;

let tabs: BroadcastChannel | undefined;

/** The surroundings there are: a browser's, or Node's, where nothing is painted, hidden or woken. */
export const actual: Surroundings = {
	now: () => performance.now(),
	random: () => Math.random(),
	after(milliseconds, callback) {
		const timer = setTimeout(callback, milliseconds);
		return () => {
			clearTimeout(timer);
		};
	},
	onframe(callback) {
		if (typeof requestAnimationFrame === 'undefined') return actual.after(0, callback);

		const cancel = () => {
			cancelAnimationFrame(frame);
			clearTimeout(timer);
		};
		const once = () => {
			cancel();
			callback();
		};
		const frame = requestAnimationFrame(once);
		const timer = setTimeout(once, UNPAINTED_MS);
		return cancel;
	},
	onwake(callback) {
		if (typeof document === 'undefined') return () => undefined;

		const online = () => {
			callback('online');
		};
		const shown = () => {
			if (document.visibilityState === 'visible') callback('visible');
		};
		addEventListener('online', online);
		document.addEventListener('visibilitychange', shown);
		return () => {
			removeEventListener('online', online);
			document.removeEventListener('visibilitychange', shown);
		};
	},
	onhide(callback) {
		if (typeof document === 'undefined') return () => undefined;

		const hidden = () => {
			if (document.visibilityState === 'hidden') callback();
		};
		addEventListener('pagehide', callback);
		document.addEventListener('visibilitychange', hidden);
		return () => {
			removeEventListener('pagehide', callback);
			document.removeEventListener('visibilitychange', hidden);
		};
	},
	tell(conversationId) {
		channel()?.postMessage(conversationId);
	},
	ontold(callback) {
		const told = ({ data }: MessageEvent<string>) => {
			callback(data);
		};
		channel()?.addEventListener('message', told);
		return () => {
			channel()?.removeEventListener('message', told);
		};
	}
};

/** One for the page, because a channel hears all others but itself. Node's would keep it running. */
function channel(): BroadcastChannel | undefined {
	if (typeof document === 'undefined' || typeof BroadcastChannel === 'undefined') return undefined;
	return (tabs ??= new BroadcastChannel('runnel'));
}
