import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { Numbered } from '#lib/protocol/events.ts';

/** Starts a run; the response streams it on the native wire. */
export function ask(url: string, question: object, headers: Record<string, string> = {}) {
	return fetch(`${url}/api/runs`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...headers },
		body: JSON.stringify(question)
	});
}

/** The events of a native stream, as they come; ends when the stream ends or breaks. */
export async function* eventsOf(response: Response): AsyncGenerator<Numbered> {
	if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
	if (!response.body) return;
	const messages = response.body
		.pipeThrough(new TextDecoderStream())
		.pipeThrough(new EventSourceParserStream());
	try {
		for await (const { data } of messages) yield JSON.parse(data) as Numbered;
	} catch (cause) {
		if (!(cause instanceof TypeError)) throw cause; // what fetch throws when the connection is cut
	}
}

/** All events of a run, from `after` to its end. */
export async function follow(url: string, runId: string, after = 0): Promise<Numbered[]> {
	const response = await fetch(`${url}/api/runs/${runId}/events?after=${after}`);
	const events: Numbered[] = [];
	if (response.status === 204) return events;
	for await (const event of eventsOf(response)) events.push(event);
	return events;
}

/** The text that these events say. */
export function textOf(events: Numbered[]): string {
	return events.map((event) => (event.type === 'text-delta' ? event.delta : '')).join('');
}
