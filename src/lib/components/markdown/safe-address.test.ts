import { expect, test } from 'vitest';
import { safeAddress } from './safe-address.ts';

test.for([
	['https://example.org/a?b#c', 'https://example.org/a?b#c'],
	['HTTP://EXAMPLE.org', 'http://example.org/'],
	['mailto:somebody@example.org', 'mailto:somebody@example.org'],
	['https://example.org/?a=1&amp;b=2', 'https://example.org/?a=1&b=2']
] as const)('%s may be linked to', ([href, address]) => {
	expect(safeAddress(href)).toBe(address);
});

test.for([
	'javascript:alert(1)',
	' javascript:alert(1)',
	'java\tscript:alert(1)',
	'java\nscript:alert(1)',
	'\u0001javascript:alert(1)',
	'jAvAsCrIpT:alert(1)',
	'javascript&colon;alert(1)',
	'javascript&#58;alert(1)',
	'&#x6A;avascript:alert(1)',
	'data:text/html;base64,PHNjcmlwdD4=',
	'vbscript:x',
	'file:///etc/passwd',
	'blob:https://example.org/x',
	'ftp://example.org',
	'//example.org',
	'/path',
	'#part',
	''
])('%j may not', (href) => {
	expect(safeAddress(href)).toBeUndefined();
});
