import { expect, test } from 'vitest';
import { tellTime } from './current-time.ts';
import { ToolFailure } from './make-tool.ts';

const noon = new Date('2026-07-01T12:00:00Z');

test('tells the time of a place, its zone and the moment', () => {
	expect(tellTime(noon, 'Asia/Tokyo')).toEqual({
		time: 'Wednesday, 1 July 2026 at 21:00:00 GMT+9',
		time_zone: 'Asia/Tokyo',
		utc: '2026-07-01T12:00:00.000Z'
	});
});

test('knows summer time', () => {
	expect(tellTime(noon, 'Europe/Berlin').time).toContain('14:00:00');
	expect(tellTime(new Date('2026-01-01T12:00:00Z'), 'Europe/Berlin').time).toContain('13:00:00');
});

test('takes offsets, spaces and odd case', () => {
	expect(tellTime(noon, '+05:30').time).toContain('17:30:00');
	expect(tellTime(noon, ' america/new york ').time).toContain('08:00:00');
});

test('without a zone it is the server’s own', () => {
	const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
	expect(tellTime(noon).time_zone).toBe(timeZone);
});

test.for(['Atlantis', '../../etc/passwd', '\0', 'x'.repeat(100_000), '+99:99'])(
	'what is no zone is turned down with what would be',
	(zone) => {
		expect(() => tellTime(noon, zone)).toThrow(ToolFailure);
		expect(() => tellTime(noon, zone)).toThrow(/Europe\/Berlin/);
		expect(() => tellTime(noon, zone)).not.toThrow(/x{100}/);
	}
);
