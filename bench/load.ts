import { setTimeout as sleep } from 'node:timers/promises';
import { DIALECTS, type DialectName } from './dialects.ts';
import { hangUp, readAnswer, type Seen } from './stream.ts';

/** What the load process is told to do. */
export interface Job {
	url: string;
	dialect: DialectName;
	/** The text that every answer must have. */
	expected: string;
	/** How many answers are read at once. */
	streams: number;
	/** The first questions are spread over so many milliseconds. */
	ramp: number;
	/** Whoever has an answer asks again until so many milliseconds are over; 0: once each. */
	repeat: number;
}

/** What it saw. Times are milliseconds. */
export interface Report {
	answers: number;
	first: Quantiles;
	gap: Quantiles;
	/** How long the text of the slowest answer took. */
	slowest: number;
	/** What was wrong, and how often. */
	faults: Record<string, number>;
	took: number;
}

export interface Quantiles {
	p50: number;
	p99: number;
}

process.channel?.ref();
process.on('message', (job: Job) => {
	void drive(job).then((report) => process.send?.(report));
});

async function drive({ streams, ramp, repeat, ...job }: Job): Promise<Report> {
	const begin = performance.now();
	const seen: Seen[] = [];
	const slot = async (index: number) => {
		await sleep((ramp * index) / streams);
		do seen.push(await readAnswer(job.url, DIALECTS[job.dialect], job.expected));
		while (performance.now() - begin < repeat);
	};
	await Promise.all(Array.from({ length: streams }, (_, index) => slot(index)));
	hangUp();

	const faults: Record<string, number> = {};
	for (const fault of seen.flatMap((answer) => answer.faults)) {
		faults[fault] = (faults[fault] ?? 0) + 1;
	}
	return {
		answers: seen.length,
		first: quantiles(seen.map(({ first }) => first)),
		gap: quantiles(seen.flatMap(({ gaps }) => gaps)),
		slowest: Math.max(...seen.map(({ lasted }) => lasted)),
		faults,
		took: performance.now() - begin
	};
}

function quantiles(values: number[]): Quantiles {
	const sorted = Float64Array.from(values).sort();
	const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
	return { p50: at(0.5), p99: at(0.99) };
}
