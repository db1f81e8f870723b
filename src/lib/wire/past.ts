import type { Numbered, RunEvent } from '#lib/protocol/events.ts';
import { fold, foldInto } from '#lib/protocol/fold.ts';
import type { AssistantMessage, Message } from '#lib/protocol/messages.ts';

/** The first event of a run. */
export type RunStart = Extract<RunEvent, { type: 'run-start' }>;

/** What a run had said before an event; before its first event, nothing. */
export interface Past {
	start: RunStart;
	reply: AssistantMessage;
	/** How many frames a wire has made of it. */
	frames: number;
}

/** The past of a run at its start. */
export function pastAt(start: RunStart): Past {
	const messages: Message[] = [];
	fold(messages, { ...start, seq: 1 });
	const [reply] = messages;
	if (reply?.role !== 'assistant') throw new Error('A run begins with its start.');
	return { start, reply, frames: 0 };
}

/** Takes an event, of which the wire made so many frames, into the past. */
export function pass(past: Past, event: Numbered, frames: number): void {
	foldInto(past.reply, event);
	past.frames += frames;
}

/** When a run began, in seconds since 1970. */
export function secondsOf({ startedAt = 0 }: RunStart): number {
	return Math.floor(startedAt / 1000);
}
