import { describe, expect, test } from 'vitest';
import { isSetback, type Numbered } from '#lib/protocol/events.ts';
import { parse, shown, standing } from '../../../tests/clients/readers.ts';
import { transcripts, type Transcript } from '../../../tests/transcripts/transcripts.ts';
import { encodeRun, encoderOf } from './encode-run.ts';
import { untilPause } from './until-pause.ts';
import { WIRES } from './wires.ts';
import { withoutVoid } from './without-void.ts';

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

	test.for(transcripts)(
		'$name: a client shows what stands, live and after the fact',
		async (it) => {
			const stands = standing(it);
			const live = await shown(wire.name, await say(it));
			const late = await shown(wire.name, await say(it, 'whole'));
			// live something void may have been shown, and is told to be so
			if (!live.failed) expect(compact(live.text)).toBe(compact(stands));
			expect(compact(late.text)).toBe(compact(stands));

			const failed = it.events.some(({ type }) => type === 'run-error' || type === 'run-retract');
			expect(late.failed).toBe(failed);
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
		const known = how === 'whole' && !wire.tellsVoid ? events.filter(isSetback) : [];
		const stands = withoutVoid(batches(), known, after);
		const over = { lastSeq: events.length, paused: false };
		const told = how === 'whole' && wire.endsAtPause ? untilPause(stands, over) : stands;
		let text = '';
		for await (const blocks of encodeRun(runId, told, wire, after)) text += blocks;
		// through bytes, as on the network
		return new TextDecoder().decode(new TextEncoder().encode(text));
	}
});

/** Without the blank lines that part the texts of a message: not every wire has them. */
function compact(text: string): string {
	return text.replaceAll(/\r\n?/g, '\n').replaceAll('\n\n', '');
}
