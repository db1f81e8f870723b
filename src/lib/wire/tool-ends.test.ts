import { expect, test } from 'vitest';
import { parse } from '../../../tests/clients/readers.ts';
import { transcript } from '../../../tests/transcripts/transcripts.ts';
import { encodeRun } from './encode-run.ts';
import { WIRES } from './wires.ts';

/** How each wire says that a tool has come to its end: its name, and whether it did what it should. */
const ENDS: Record<string, (data: Said, event?: string) => [string | undefined, boolean] | null> = {
	typed: ({ type, name, error }) => (type === 'tool_result' ? [name, !error] : null),
	steps: ({ event, data }) => (event === 'on_tool_end' ? [data?.name, !data?.error] : null),
	named: ({ tool_name, success = false }, event) =>
		event === 'tool_complete' ? [tool_name, success] : null
};

test.for(Object.keys(ENDS))('%s: a tool that ends is named, also one that failed', async (wire) => {
	expect(await endsOn(wire, 'tools-parallel')).toEqual([
		['weather_fast', true],
		['weather_slow', true]
	]);
	expect(await endsOn(wire, 'tool-failed')).toEqual([['read_page', false]]);
	expect(await endsOn(wire, 'approval-denied')).toEqual([['delete_file', false]]);
});

async function endsOn(wire: string, name: string) {
	const { runId, events } = transcript(name);
	// eslint-disable-next-line @typescript-eslint/require-await
	const log = async function* () {
		yield events;
	};
	let text = '';
	for await (const blocks of encodeRun(runId, log(), WIRES[wire]!)) text += blocks;
	return parse(text).flatMap(({ event, data }) => {
		const said = data.startsWith('{') ? (JSON.parse(data) as Said) : {};
		const end = ENDS[wire]!(said, event);
		return end ? [end] : [];
	});
}

interface Said {
	type?: string;
	event?: string;
	name?: string;
	error?: boolean;
	tool_name?: string;
	success?: boolean;
	data?: { name?: string; error?: boolean };
}
