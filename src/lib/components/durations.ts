/** A duration in milliseconds as people say it: `12 ms`, `1.4 s`, `2 min 5 s`. */
export function inWords(milliseconds: number): string {
	if (milliseconds < 1000) return `${String(Math.round(milliseconds))} ms`;
	const seconds = milliseconds / 1000;
	if (seconds < 10) return `${String(Math.round(seconds * 10) / 10)} s`;
	if (seconds < 60) return `${String(Math.round(seconds))} s`;
	const whole = Math.round(seconds);
	return `${String(Math.floor(whole / 60))} min ${String(whole % 60)} s`;
}
