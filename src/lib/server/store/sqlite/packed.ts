import type { RunStatus } from '#lib/protocol/conversations.ts';
import { bodyOf } from '../sql/branch.ts';
import type { Ending } from '../sql/runs.ts';
import type { Append, Pause } from '../store.ts';

/** What is appended to one run, with its events as JSON. */
export interface PackedAppend {
	runId: string;
	epoch: number;
	first: number;
	events: string[];
	/** What the run has come to; `paused` beside a `pause`. */
	end?: Ending | undefined;
	pause?: Pause | undefined;
}

/**
 * Appends as one string, because a thread is handed one string far sooner than many objects.
 *
 * For each run a line `runId, epoch, first seq, number of events, status, time` with tabs between,
 * then a line for each event, then, when there is a status, one for the reply, and when that is
 * `paused` one for the pause. JSON holds no raw line break, and run ids are this server's own.
 *
 * @throws {Error} when the events of a run are not contiguous
 */
export function pack(batch: Append[]): string {
	let packed = '';
	for (const { runId, epoch, events, pause, end = pausing(pause) } of batch) {
		const first = events[0]?.seq ?? 0;
		const ending = end ? `${end.status}\t${String(end.now)}` : '\t';
		packed += `${runId}\t${String(epoch)}\t${String(first)}\t${String(events.length)}\t${ending}\n`;
		let seq = first;
		for (const event of events) {
			if (event.seq !== seq++)
				throw new Error(`run ${runId}: event ${String(event.seq)} is out of place`);
			packed += JSON.stringify(event) + '\n';
		}
		if (end) packed += bodyOf(end.message) + '\n';
		if (pause) packed += JSON.stringify(pause.pause) + '\n';
	}
	return packed;
}

/** Takes apart what `pack` made. */
export function* unpack(packed: string): Generator<PackedAppend> {
	let at = 0;
	const line = () => {
		const end = packed.indexOf('\n', at);
		const text = packed.slice(at, end);
		at = end + 1;
		return text;
	};
	while (at < packed.length) {
		const [runId = '', epoch, first, count, status, now] = line().split('\t');
		const events = Array.from({ length: Number(count) }, line);
		const end = status
			? { status: status as RunStatus, now: Number(now), body: line() }
			: undefined;
		const pause = status === 'paused' ? (JSON.parse(line()) as Pause) : undefined;
		yield { runId, epoch: Number(epoch), first: Number(first), events, end, pause };
	}
}

function pausing(pause: Append['pause']) {
	return pause && { status: 'paused' as const, message: pause.message, now: pause.now };
}
