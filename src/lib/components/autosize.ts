import type { Attachment } from 'svelte/attachments';

/** Lets a text field grow with its text where CSS cannot (`field-sizing: content`). */
export const autosize: Attachment<HTMLTextAreaElement> = (field) => {
	if (CSS.supports('field-sizing', 'content')) return;

	const fit = () => {
		field.style.height = 'auto';
		field.style.height = `${String(field.scrollHeight + 2)}px`;
	};
	fit();
	field.addEventListener('input', fit);
	return () => {
		field.removeEventListener('input', fit);
	};
};
