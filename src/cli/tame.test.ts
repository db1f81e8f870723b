import { expect, test } from 'vitest';
import { renderMarkdown } from './markdown.ts';
import { tame } from './tame.ts';
import { diffLines, settledTool } from './tool-lines.ts';
import { colored } from './paint.ts';

const TRICKS = [
	'\u001b]52;c;cm0gLXJm\u0007', // writes to the clipboard
	'\u001b[2J\u001b[H', // clears the screen
	'\u009b2J',
	'\u001b]0;title\u001b\\',
	'a\rb\u0008',
	'\u202eright to left'
];

test.for(TRICKS)('%j says nothing to a terminal', (trick) => {
	expect(tame(trick)).toMatch(/^[\u0020-\u007e]*$/);
});

test.for([...TRICKS, '&#27;[2J', '&#x1b;]0;x&#7;', '[x](http://a.b/\u001b[2J)', '`\u001b[2J`'])(
	'%j in Markdown comes out as text, with our colours alone',
	(trick) => {
		const text = renderMarkdown(`**bold** ${trick}`, 80, true).join('\n');
		// eslint-disable-next-line no-control-regex -- what may be there is taken away, and nothing is left
		expect(text.replace(/\u001b\[[\d;]*m/g, '')).toMatch(/^[\u0020-\u007e\n]*$/);
		expect(text).toContain('bold');
	}
);

test('what a tool says is tamed too', () => {
	const part = {
		type: 'tool',
		id: 'c',
		seq: 2,
		name: 'x\u001b[2J',
		state: 'failed',
		inputText: '',
		message: 'no\u001b]0;x\u0007\nway',
		diffs: [{ path: 'a\u001b[2J', patch: '+\u001b[2J\n', added: 1, removed: 0 }],
		durationMs: 12
	} as const;
	expect(settledTool({ ...part, diffs: [] })).toBe('✗ x[2J failed (12 ms): no]0;x way');
	expect(diffLines({ ...part, diffs: [...part.diffs] }, colored).join()).not.toContain('\u001b[2J');
});

test('links show where they lead', () => {
	expect(renderMarkdown('[here](https://example.org/a)', 80, false).join()).toContain(
		'https://example.org/a'
	);
});
