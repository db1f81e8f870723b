import type { Past } from './past.ts';

/** An event of AG-UI. */
export type AgUiEvent = { type: string } & Record<string, unknown>;

/** Ids are unique over a thread there, and over a message here. */
export function agUiId({ reply }: Past, id: string): string {
	return `${reply.id}:${id}`;
}
