import { expect, test } from 'vitest';
import { decodeReferences, showControls } from './plain-text.ts';

test('character references become what they stand for, and others stay', () => {
	expect(decodeReferences('&lt;b&gt; &amp;amp; &#65;&#x42; &nbsp;')).toBe('<b> &amp; AB \u00a0');
	expect(decodeReferences('&nothing; &constructor; & &; AT&T')).toBe(
		'&nothing; &constructor; & &; AT&T'
	);
	expect(decodeReferences('&#0;&#xD800;&#x110000;')).toBe('\ufffd\ufffd\ufffd');
});

test('characters that turn the order of letters around are marked', () => {
	expect(showControls('a\u202eb\u200fc\u2069')).toBe('a[U+202E]b[U+200F]c[U+2069]');
	expect(showControls('سؤال and text')).toBe('سؤال and text');
});
