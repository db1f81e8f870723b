// eslint-disable-next-line no-control-regex -- these are what must not reach a terminal
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
// eslint-disable-next-line no-control-regex -- the same, after colours were put in
const NOT_A_COLOR = /\u001b(?!\[[\d;]*m)|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g;

/**
 * Text that a terminal shows and does not obey: without control characters, so that a model can
 * neither move the cursor nor write to the clipboard, nor turn lines around.
 */
export function tame(text: string): string {
	return text.replace(UNSEEN, '');
}

/** The same for text that we have coloured: colours stay. */
export function tamePainted(text: string): string {
	return text.replace(NOT_A_COLOR, '');
}
