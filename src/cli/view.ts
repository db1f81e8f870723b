import type { Numbered } from '#lib/protocol/events.ts';

/** Shows one run after another to whoever asked. */
export interface View {
	/** Shows these events; resolves when there is room for more. */
	show(batch: Numbered[]): Promise<void> | void;
	/** Tells the person something that is not part of an answer. */
	note(sentence: string): void;
	/** Shows everything that was held back, because the run is over or left. */
	settle(): Promise<void> | void;
}

/** Resolves when what was written has left this process, or nobody wants it any more. */
export function drained(stream: NodeJS.WriteStream): Promise<void> {
	return new Promise((resolve) => {
		stream.write('', () => {
			resolve();
		});
	});
}

/** Writes, and resolves when there is room for more. */
export async function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
	if (!stream.write(text)) await drained(stream);
}
