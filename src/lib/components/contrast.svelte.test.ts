import { afterEach, expect, test } from 'vitest';
import '../../app.css';

const TEXT = 4.5;
const LINE = 3;

const grounds = ['--paper', '--surface', '--sunken'];
const pairs: [string, string, number][] = [
	...['--ink', '--ink-soft', '--accent', '--danger', '--warn', '--ok'].flatMap((ink) =>
		grounds.map((ground): [string, string, number] => [ink, ground, TEXT])
	),
	...grounds.map((ground): [string, string, number] => ['--edge', ground, LINE]),
	['--ink', '--accent-soft', TEXT],
	['--ink-soft', '--accent-soft', TEXT],
	['--on-accent', '--accent', TEXT],
	...['keyword', 'string', 'number', 'name'].map((name): [string, string, number] => [
		`--code-${name}`,
		'--sunken',
		TEXT
	])
];

afterEach(() => {
	delete document.documentElement.dataset['theme'];
});

test.for(['light', 'dark'].flatMap((theme) => pairs.map((pair) => [theme, ...pair] as const)))(
	'in the %s theme %s on %s has a contrast of at least %d',
	([theme, ink, ground, least]) => {
		document.documentElement.dataset['theme'] = theme;
		const [one, other] = [luminance(ink), luminance(ground)].toSorted((a, b) => b - a);
		expect((one! + 0.05) / (other! + 0.05)).toBeGreaterThanOrEqual(least);
	}
);

/** The relative luminance of WCAG 2, of a colour as this browser paints it. */
function luminance(token: string): number {
	const sample = document.createElement('i');
	sample.style.color = `var(${token})`;
	document.body.append(sample);
	const canvas = new OffscreenCanvas(1, 1).getContext('2d')!;
	canvas.fillStyle = getComputedStyle(sample).color;
	canvas.fillRect(0, 0, 1, 1);
	sample.remove();

	const [red = 0, green = 0, blue = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) => {
		const part = value / 255;
		return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
