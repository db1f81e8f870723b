import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Numbered } from '#lib/protocol/events.ts';

/** A recorded run: what every wire and every reader is tried on. */
export interface Transcript {
	name: string;
	/** The id of the run, as its first event says it. */
	runId: string;
	events: Numbered[];
}

/** All transcripts of this folder, one event a line in each, in the order of their names. */
export const transcripts: Transcript[] = globSync(join(import.meta.dirname, '*.jsonl'))
	.sort()
	.map((file) => {
		const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
		const events = lines.map((line) => JSON.parse(line) as Numbered);
		const [start] = events;
		if (start?.type !== 'run-start') throw new Error(`${file} does not begin with a run-start.`);
		return { name: basename(file, '.jsonl'), runId: start.runId, events };
	});

/** @throws {Error} when there is none by that name */
export function transcript(name: string): Transcript {
	const found = transcripts.find((one) => one.name === name);
	if (!found) throw new Error(`There is no transcript called ${name}.`);
	return found;
}
