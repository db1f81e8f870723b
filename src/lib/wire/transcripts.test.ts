import { describe, expect, test } from 'vitest';
import type { Numbered } from '#lib/protocol/events.ts';
import { parse, shown, standing } from '../../../tests/clients/readers.ts';
import {
	transcript,
	transcripts,
	type Transcript
} from '../../../tests/transcripts/transcripts.ts';
import { encodeRun, encoderOf } from './encode-run.ts';
import { WIRES } from './wires.ts';

const wires = Object.values(WIRES);

describe.for(wires.map((wire) => [wire.name, wire] as const))('%s', ([, wire]) => {
	test.for(transcripts)('$name is read back as it was said', async (recorded) => {
		const { runId, events } = recorded;
		const encode = wire.recalls ? encoderOf(wire) : (event: Numbered) => wire.encode(event);
		const expected = upToLast(events).flatMap((event) => {
			const id = `${runId}:${String(event.seq)}`;
			return encode(event).map(({ event: name, data = '' }, index, frames) => ({
				id: index === frames.length - 1 ? id : undefined,
				event: name,
				data: data.toWellFormed().replaceAll(/\r\n|\r/g, '\n')
			}));
		});
		const read = parse(await say(recorded));
		expect(read.map(({ id, event, data }) => ({ id, event, data }))).toEqual(expected);
	});

	test.for(transcripts)('$name is LF only, and says its id last', async (recorded) => {
		const blocks = (await say(recorded)).split('\n\n').slice(0, -1);
		for (const block of blocks) {
			expect(block).not.toContain('\r');
			expect(block).toMatch(/^(id: [^\n]+|(event: [^\n]+\n)?data: .*)$/s);
			if (block.includes('\nid: ')) expect(block).toMatch(/\nid: run-[a-z-]+:\d+$/);
		}
	});

	test.for(transcripts)('$name resumed after any event goes on with the rest', async (recorded) => {
		const whole = await say(recorded);
		for (const { seq } of upToLast(recorded.events).slice(0, -1)) {
			const before = await say({ ...recorded, events: recorded.events.slice(0, seq) });
			const rest = await say(recorded, 'live', seq);
			expect(before + rest).toBe(whole);
		}
	});

	test.for(['rewound', 'retracted'])(
		'what is void is never shown as if it stood: %s',
		async (name) => {
			const recorded = transcript(name);
			const replies = [await say(recorded), await say(recorded, 'whole')];
			for (const reply of replies) {
				const { text, failed } = await shown(wire.name, reply);
				expect([FAILED, compact(standing(recorded))]).toContain(failed ? FAILED : compact(text));
				// a replay knows what became of it, and needs no failure
				if (name === 'rewound' && reply === replies[1]) expect(failed).toBe(false);
			}
		}
	);

	/** The events up to the one that is this wire's last word. */
	function upToLast(events: Numbered[]): Numbered[] {
		const index = events.findIndex((event) => wire.last?.(event));
		return index === -1 ? events : events.slice(0, index + 1);
	}

	/** The stream, live (each event by itself) or of a run that is over (all events at once). */
	async function say({ runId, events }: Transcript, how: 'live' | 'whole' = 'live', after = 0) {
		const read = wire.recalls ? events : events.slice(after);
		// eslint-disable-next-line @typescript-eslint/require-await
		const batches = async function* () {
			if (how === 'whole') yield read;
			else for (const event of read) yield [event];
		};
		let text = '';
		for await (const blocks of encodeRun(runId, batches(), wire, after)) text += blocks;
		// through bytes, as on the network
		return new TextDecoder().decode(new TextEncoder().encode(text));
	}
});

const FAILED = 'told that it failed';

/** Without the blank lines that part the texts of a message: not every wire has them. */
function compact(text: string): string {
	return text.replaceAll('\n\n', '');
}
