import { z } from 'zod';
import { makeTool, ToolFailure } from './make-tool.ts';

/** Tells the time, here or in a time zone. */
export const currentTime = makeTool({
	name: 'current_time',
	description: 'The current date and time, in a time zone if one is named.',
	parameters: z.object({
		time_zone: z
			.string()
			.nullable()
			.describe('An IANA time zone such as "Europe/Berlin"; null for the server’s own.')
	}),
	execute: ({ time_zone }) => tellTime(new Date(), time_zone ?? undefined)
});

/** A moment as people in a time zone read it, with the moment itself. */
export function tellTime(now: Date, timeZone?: string) {
	const format = formatFor(timeZone);
	return {
		time: format.format(now),
		time_zone: format.resolvedOptions().timeZone,
		utc: now.toISOString()
	};
}

function formatFor(timeZone: string | undefined): Intl.DateTimeFormat {
	const options: Intl.DateTimeFormatOptions = {
		dateStyle: 'full',
		timeStyle: 'long',
		hourCycle: 'h23',
		...(timeZone?.trim() ? { timeZone: timeZone.trim().replaceAll(' ', '_') } : {})
	};
	try {
		return new Intl.DateTimeFormat('en-GB', options);
	} catch {
		const named = timeZone?.slice(0, 60) ?? '';
		throw new ToolFailure(
			`There is no time zone called “${named}”. Names are those of the IANA list, such as Europe/Berlin, Asia/Tokyo or UTC, or offsets such as +05:30.`
		);
	}
}
