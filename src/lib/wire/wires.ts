import { delta } from './delta.ts';
import { native } from './native.ts';
import { text } from './text.ts';
import { uiMessage } from './ui-message.ts';
import type { Wire } from './wire.ts';

/** Every wire by its name, as `?wire=` takes it. */
export const WIRES: Record<string, Wire> = Object.fromEntries(
	[native, text, delta, uiMessage].map((wire) => [wire.name, wire])
);
