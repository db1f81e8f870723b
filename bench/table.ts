import type { Report } from './load.ts';

/** One server under one load in one round. */
export interface Row {
	server: string;
	streams: number;
	paced: boolean;
	tokens: number;
	/** Microseconds of a core. */
	cpu: number;
	/** Bytes that memory grew by since the warm server was idle. */
	memory: number;
	report: Report;
}

type Column = [name: string, values: (row: Row, pipe: Row) => number, digits: number];

const CPU: Column[] = [
	['CPU µs/token', (row) => row.cpu / row.tokens, 1],
	['× the pipe', (row, pipe) => row.cpu / row.tokens / (pipe.cpu / pipe.tokens), 2]
];
const PACED: Column[] = [
	...CPU,
	['first token p50 ms', ({ report }) => report.first.p50, 1],
	['p99 ms', ({ report }) => report.first.p99, 0],
	['gap p50 ms', ({ report }) => report.gap.p50, 0],
	['p99 ms', ({ report }) => report.gap.p99, 0],
	[
		'slowest stream, tokens/s',
		({ report, tokens }) => (1000 * (tokens / report.answers - 1)) / report.slowest,
		1
	],
	['kB/stream', ({ memory, streams }) => memory / 1000 / streams, 0],
	['faults', ({ report }) => Object.values(report.faults).reduce((sum, count) => sum + count, 0), 0]
];
const FULL: Column[] = [
	...CPU,
	['tokens/s', ({ tokens, report }) => (1000 * tokens) / report.took, 0],
	['first token p50 ms', ({ report }) => report.first.p50, 1],
	['faults', ({ report }) => Object.values(report.faults).reduce((sum, count) => sum + count, 0), 0]
];

/** The rounds as Markdown: medians, with the least and the most where they differ. */
export function tables(rows: Row[], rate: number): string {
	const paced = rows.filter((row) => row.paced);
	const full = rows.filter((row) => !row.paced);
	return [
		...(paced.length > 0 ? [`${String(rate)} tokens a second for each stream:`] : []),
		...(paced.length > 0 ? [table(paced, PACED)] : []),
		...(full.length > 0 ? ['As fast as it goes, answer after answer:', table(full, FULL)] : [])
	].join('\n\n');
}

function table(rows: Row[], columns: Column[]): string {
	const lines = [
		line(['streams', 'server', ...columns.map(([name]) => name)]),
		line(['--:', '---', ...columns.map(() => '--:')])
	];
	for (const [streams, same] of Map.groupBy(rows, (row) => row.streams)) {
		const pipes = same.filter(({ server }) => server === same[0]?.server);
		for (const [server, rounds] of Map.groupBy(same, (row) => row.server)) {
			const cells = columns.map(([, value, digits]) =>
				spread(
					rounds.map((row, round) => value(row, pipes[round] ?? row)),
					digits
				)
			);
			lines.push(line([String(streams), server, ...cells]));
		}
	}
	return lines.join('\n');
}

function spread(values: number[], digits: number): string {
	const sorted = values.toSorted((a, b) => a - b);
	const shown = (value: number | undefined) =>
		value === undefined
			? ''
			: value.toLocaleString('en', {
					minimumFractionDigits: digits,
					maximumFractionDigits: digits
				});
	const least = shown(sorted[0]);
	const most = shown(sorted.at(-1));
	const median = shown(sorted[Math.floor(sorted.length / 2)]);
	return least === most ? median : `${median} (${least}–${most})`;
}

function line(cells: string[]): string {
	return `| ${cells.join(' | ')} |`;
}
