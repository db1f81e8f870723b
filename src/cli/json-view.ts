import type { Numbered } from '#lib/protocol/events.ts';
import { drained, type View, write } from './view.ts';

/** Prints the events of a run as they are, one a line. */
export class JsonView implements View {
	show(batch: Numbered[]): Promise<void> {
		return write(process.stdout, batch.map((event) => `${JSON.stringify(event)}\n`).join(''));
	}

	note(sentence: string): void {
		process.stderr.write(`runnel: ${sentence}\n`);
	}

	settle(): Promise<void> {
		return drained(process.stdout);
	}
}
