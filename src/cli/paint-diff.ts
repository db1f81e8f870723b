import type { Paint } from './paint.ts';

/** A line of a unified diff, in the colours that people know. */
export function paintDiff(line: string, paint: Paint): string {
	if (/^(\+\+\+|---)/.test(line)) return paint('bold', line);
	if (line.startsWith('@@')) return paint('cyan', line);
	if (line.startsWith('+')) return paint('green', line);
	return line.startsWith('-') ? paint('red', line) : line;
}
