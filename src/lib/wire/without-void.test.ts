import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSetback, type Numbered } from '#lib/protocol/events.ts';
import { shown, standing } from '../../../tests/clients/readers.ts';
import { rewound } from '../../../tests/transcripts/arbitrary-log.ts';
import { transcript } from '../../../tests/transcripts/transcripts.ts';
import { encodeRun } from './encode-run.ts';
import { withoutVoid } from './without-void.ts';
import { WIRES } from './wires.ts';

const wires = Object.values(WIRES).filter(({ tellsVoid }) => !tellsVoid);

describe.for(wires.map((wire) => [wire.name, wire] as const))('%s', ([name, wire]) => {
	test('a run that was rewound is told as one that never was, however long it is', async () => {
		await fc.assert(
			fc.asyncProperty(rewound, fc.nat(), async ({ disturbed, undisturbed }, size) => {
				const replayed = await say(disturbed, { known: disturbed.length, size: size % 5 });
				const plain = await shown(name, await say(undisturbed));
				expect(await shown(name, replayed)).toEqual(plain);
			}),
			{ numRuns: 40 }
		);
	});

	test('who comes while it is told has in the end what stands, or is told that it has not', async () => {
		await fc.assert(
			fc.asyncProperty(rewound, fc.nat(), fc.nat(), async ({ disturbed }, come, cut) => {
				const known = come % (disturbed.length + 1);
				const after = known === 0 ? 0 : cut % known;
				// who is beyond a rewind was told of it beforehand: live its stream would have ended there
				const before = await say(disturbed.slice(0, after), { known: after });
				const rest = await say(disturbed, { known, after });
				const { text, failed } = await shown(name, before + rest);
				if (!failed) expect(plain(text)).toBe(plain(standing({ events: disturbed })));
			}),
			{ numRuns: 100 }
		);
	});

	test('nothing of an answer that was withdrawn is told after the fact', async () => {
		const { events } = transcript('retracted');
		const late = await say(events, { known: events.length });
		expect(late).not.toContain('VOID');
		expect(late).toContain(':1\n');
		expect(await shown(name, late)).toEqual({ text: '', failed: true });
		// who has a part of it is told no more of it
		const rest = await say(events, { known: events.length, after: 4 });
		expect(rest).not.toContain('is 1234');
		expect((await shown(name, (await say(events.slice(0, 4))) + rest)).failed).toBe(true);
	});

	interface Come {
		/** The last event that is there when the reader comes. */
		known?: number;
		after?: number;
		/** How many events come at once. */
		size?: number;
	}

	async function say(events: Numbered[], { known = 0, after = 0, size = 1 }: Come = {}) {
		const read = wire.recalls ? events : events.slice(after);
		// eslint-disable-next-line @typescript-eslint/require-await
		const log = async function* () {
			for (let from = 0; from < read.length; from += size + 1) {
				yield read.slice(from, from + size + 1);
			}
		};
		const setbacks = events.slice(0, known).filter(isSetback);
		let text = '';
		const told = withoutVoid(log(), setbacks, after);
		for await (const blocks of encodeRun('r1', told, wire, after)) text += blocks;
		return text;
	}
});

test('a withdrawal that was rewound itself does not stand', async () => {
	const { events } = transcript('rewound');
	const retract: Numbered = { seq: 15, type: 'run-retract', reason: 'No.' };
	const log = [...events.slice(0, 14), retract, ...events.slice(14).map(later)];
	expect(await tell(log, 0)).toEqual(log.filter(({ seq }) => seq <= 10 || seq > 16));
});

test('a withdrawal that a rewind goes back to stands', async () => {
	const { events } = transcript('rewound');
	const retract: Numbered = { seq: 10, type: 'run-retract', reason: 'No.' };
	const log = events.map((event) => (event.seq === 10 ? retract : event));
	expect(await tell(log, 0)).toEqual(log.filter(({ seq }) => seq === 1 || seq === 10 || seq > 15));
});

test('who has nothing that is void, or knows of it already, is not told of it', async () => {
	const { events } = transcript('rewound');
	const stands = events.filter(({ seq }) => seq <= 10 || seq > 15);
	for (const after of [0, 1, 9, 10, 15, 16, 21]) expect(await tell(events, after)).toEqual(stands);
});

test('who has something void is told what made it so, and nothing else that is void', async () => {
	const { events } = transcript('rewound');
	expect(await tell(events, 12)).toEqual(events.filter(({ seq }) => seq <= 12 || seq >= 15));
});

async function tell(events: Numbered[], after: number): Promise<Numbered[]> {
	// eslint-disable-next-line @typescript-eslint/require-await
	const log = async function* () {
		yield events;
	};
	const told: Numbered[] = [];
	for await (const batch of withoutVoid(log(), events.filter(isSetback), after)) {
		told.push(...batch);
	}
	return told;
}

function later(event: Numbered): Numbered {
	return { ...event, seq: event.seq + 1 };
}

/** Without line ends: not every wire has all of them. */
function plain(text: string): string {
	return text.toWellFormed().replaceAll(/[\r\n]/g, '');
}
