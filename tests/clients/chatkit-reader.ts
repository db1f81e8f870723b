import { Event, type Item, type Thread, type Update } from './chatkit-shapes.ts';
import type { z } from 'zod';

/**
 * What ChatKit's widget keeps of a thread, without the widget. Stricter than it: an event about an
 * item that is not there, and a whole that is not the sum of its pieces, are errors.
 */
export class ChatKitReader {
	thread: z.infer<typeof Thread> | undefined;
	items: Item[] = [];
	/** Items that were added and are not done. */
	readonly open = new Set<string>();
	errors: string[] = [];
	notices: string[] = [];
	/** How often it was told of a danger, which an answer that is withdrawn is. */
	withdrawals = 0;
	cancellable = false;

	read(data: string): Event {
		const event = Event.parse(JSON.parse(data));
		switch (event.type) {
			case 'thread.created':
			case 'thread.updated':
				this.thread = event.thread;
				break;
			case 'thread.item.added':
				if (this.#find(event.item.id)) throw new Error(`${event.item.id} was added twice.`);
				this.items.push(event.item);
				this.open.add(event.item.id);
				break;
			case 'thread.item.done':
			case 'thread.item.replaced':
				this.#put(event.item, event.type === 'thread.item.done');
				break;
			case 'thread.item.updated':
				update(this.#get(event.item_id), event.update);
				break;
			case 'thread.item.removed':
				this.#get(event.item_id);
				this.items = this.items.filter(({ id }) => id !== event.item_id);
				this.open.delete(event.item_id);
				break;
			case 'error':
				this.errors.push(event.message ?? event.code);
				break;
			case 'notice':
				this.notices.push(event.message);
				if (event.level === 'danger') this.withdrawals++;
				break;
			case 'stream_options':
				this.cancellable = event.stream_options.allow_cancel;
		}
		return event;
	}

	/** What the assistant says, as a person sees it. */
	get text(): string {
		return this.items
			.flatMap((item) => (item.type === 'assistant_message' ? item.content : []))
			.map(({ text }) => text)
			.join('');
	}

	#put(item: Item, done: boolean): void {
		const known = this.#find(item.id);
		if (known?.type === 'assistant_message' && item.type === 'assistant_message' && done) {
			const said = JSON.stringify(known.content);
			if (said !== JSON.stringify(item.content))
				throw new Error(`${item.id} is not what was said.`);
		}
		if (known) this.items = this.items.map((one) => (one.id === item.id ? item : one));
		else this.items.push(item);
		if (done) this.open.delete(item.id);
	}

	#find(id: string): Item | undefined {
		return this.items.find((item) => item.id === id);
	}

	#get(id: string): Item {
		const item = this.#find(id);
		if (!item) throw new Error(`There is no item ${id}.`);
		return item;
	}
}

function update(item: Item, change: Update): void {
	if (item.type !== 'assistant_message' || !('content_index' in change)) {
		throw new Error(`${change.type} does not go with ${item.type}.`);
	}
	const { content_index: index } = change;
	if (change.type === 'assistant_message.content_part.added') {
		if (index !== item.content.length) throw new Error('A part has another place.');
		item.content.push(change.content);
		return;
	}
	const content = item.content[index];
	if (!content) throw new Error('There is no such part.');
	switch (change.type) {
		case 'assistant_message.content_part.text_delta':
			content.text += change.delta;
			break;
		case 'assistant_message.content_part.annotation_added':
			if (change.annotation_index !== content.annotations.length) {
				throw new Error('An annotation has another place.');
			}
			content.annotations.push(change.annotation);
			break;
		case 'assistant_message.content_part.done':
			if (JSON.stringify(content) !== JSON.stringify(change.content)) {
				throw new Error('The whole is not the sum of its pieces.');
			}
	}
}
