/** One server-sent event, before it is text. */
export interface Frame {
	id?: string;
	event?: string;
	data?: string;
}

/** No charset: proxies, and the Node adapter, know an event stream by exactly this type. */
export const SSE_HEADERS = {
	'content-type': 'text/event-stream',
	'cache-control': 'no-cache, no-transform',
	'x-accel-buffering': 'no' // nginx holds the whole reply back otherwise
};

/** How long a reader waits before it comes again, in milliseconds; the first block of every stream. */
export const RETRY_BLOCK = 'retry: 1000\n\n';

/** Keeps proxies from closing a stream on which nothing is said. */
export const KEEP_ALIVE_BLOCK = ': keep-alive\n\n';

/**
 * Writes a frame the way the specification reads it back. LF only: CRLF breaks some readers.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function formatFrame({ id, event, data }: Frame): string {
	let text = '';
	if (event !== undefined) text += `event: ${oneLine(event)}\n`;
	if (data !== undefined) text += dataLines(data);
	if (id !== undefined) text += `id: ${oneLine(id)}\n`; // last: some readers take it before the data is whole
	return text + '\n';
}

function dataLines(data: string): string {
	// JSON, which nearly all data is, has no raw line breaks
	if (!/[\r\n]/.test(data)) return `data: ${data}\n`;
	return data
		.split(/\r\n|\r|\n/)
		.map((line) => `data: ${line}\n`)
		.join('');
}

function oneLine(value: string): string {
	if (/[\r\n\0]/.test(value)) throw new RangeError('an SSE id or event name must be one line');
	return value;
}
