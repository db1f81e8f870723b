import { agUi } from './ag-ui.ts';
import { chatKit } from './chatkit.ts';
import { delta } from './delta.ts';
import { named } from './named.ts';
import { native } from './native.ts';
import { openaiResponses } from './openai-responses.ts';
import { openai } from './openai.ts';
import { steps } from './steps.ts';
import { text } from './text.ts';
import { typed } from './typed.ts';
import { uiMessage } from './ui-message.ts';
import type { Wire } from './wire.ts';

const wires: Wire[] = [
	native,
	text,
	delta,
	typed,
	steps,
	named,
	uiMessage,
	chatKit,
	agUi,
	openai,
	openaiResponses
];

/** Every wire by its name, as `?wire=` takes it. */
export const WIRES: Record<string, Wire> = Object.fromEntries(
	wires.map((wire) => [wire.name, wire])
);
