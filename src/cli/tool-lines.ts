import type { ToolPart } from '#lib/protocol/messages.ts';
import { paintDiff } from './paint-diff.ts';
import { type Paint, plain } from './paint.ts';
import { tame } from './tame.ts';

const BAR = 20;
const LONGEST_INPUT = 60;

/** A call that is over, in a line: `✓ calculate done (12 ms)`. */
export function settledTool(part: ToolPart, paint: Paint = plain): string {
	const { state, durationMs } = part;
	const took = durationMs === undefined ? '' : ` (${inWords(durationMs)})`;
	const name = tame(part.name);
	const message = part.message === undefined ? '' : `: ${oneLine(part.message)}`;
	if (state === 'done') return `${paint('green', '✓')} ${name} done${paint('dim', took)}`;
	if (state === 'failed') return `${paint('red', '✗')} ${name} failed${took}${message}`;
	if (state === 'denied') return `${paint('red', '✗')} ${name} denied${message}`;
	return `${paint('yellow', '-')} ${name} not finished`;
}

/** A call under way, in a line: what it was given, how far it is, and since when. */
export function liveTool(part: ToolPart, mark: string, elapsedMs: number, paint: Paint): string {
	const { name, progress, state } = part;
	const words = [paint('cyan', mark), tame(name)];
	const brief = briefOf(part);
	if (progress?.fraction !== undefined) words.push(bar(progress.fraction));
	if (progress?.message !== undefined) words.push(oneLine(progress.message));
	else if (progress?.fraction === undefined && brief !== '') words.push(paint('dim', brief));
	if (state === 'asking') words.push('waits for a decision');
	words.push(paint('dim', inSeconds(elapsedMs)));
	return words.join(' ');
}

/** What a tool did to files, or wants to: unified diffs, in colours. */
export function diffLines({ diffs }: ToolPart, paint: Paint): string[] {
	return diffs.flatMap(({ path, patch, added, removed }) => [
		`  ${paint('bold', oneLine(path))} +${added} -${removed}`,
		...tame(patch)
			.replace(/\n$/, '')
			.split('\n')
			.map((line) => `  ${paintDiff(line, paint)}`)
	]);
}

/** The arguments of a call, on one line and cut where they are long. */
export function briefOf({ input }: ToolPart): string {
	if (input === undefined) return '';
	const values = typeof input === 'object' && input !== null ? Object.values(input) : [input];
	const text = values
		.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
		.join(', ');
	return oneLine(text);
}

/** A duration as a person says it: `12 ms`, `1.4 s`, `2 min 5 s`. */
export function inWords(milliseconds: number): string {
	if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
	const seconds = Math.round(milliseconds / 1000);
	if (milliseconds < 9950) return `${Math.round(milliseconds / 100) / 10} s`;
	return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function inSeconds(milliseconds: number): string {
	return milliseconds < 60_000 ? `${(milliseconds / 1000).toFixed(1)} s` : inWords(milliseconds);
}

function bar(fraction: number): string {
	const share = Math.min(Math.max(fraction, 0), 1);
	const full = Math.round(share * BAR);
	return `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${Math.round(share * 100)} %`;
}

function oneLine(text: string): string {
	const line = tame(text).replace(/\s+/g, ' ').trim();
	return line.length > LONGEST_INPUT ? `${line.slice(0, LONGEST_INPUT - 1)}…` : line;
}
