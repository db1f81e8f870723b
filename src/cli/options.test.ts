import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { HELP } from './help.ts';
import { FLAG_NAMES, parseOptions, Usage } from './options.ts';

test('words make one prompt, and flags may stand among them', () => {
	expect(parseOptions(['what', '--json', 'is', '-q', 'this?'], {})).toMatchObject({
		prompt: 'what is this?',
		json: true,
		quiet: true,
		color: true,
		server: undefined
	});
});

test('what follows -- is a prompt, whatever it looks like', () => {
	expect(parseOptions(['--', '--help'], {})).toMatchObject({ prompt: '--help' });
});

test('the environment names the server and the token, and flags go first', () => {
	const env = { RUNNEL_SERVER: 'http://one:1', RUNNEL_TOKEN: 'a' };
	expect(parseOptions(['x'], env)).toMatchObject({ server: 'http://one:1', token: 'a' });
	expect(parseOptions(['--server', 'two:2', '--token', 'b', 'x'], env)).toMatchObject({
		server: 'http://two:2',
		token: 'b'
	});
	expect(parseOptions(['x'], { RUNNEL_SERVER: '' })).toMatchObject({ server: undefined });
});

test.for([
	['localhost:3000', 'http://localhost:3000'],
	['https://chat.example.org/', 'https://chat.example.org'],
	['http://[::1]:3000/under/', 'http://[::1]:3000/under']
])('the server %s is %s', ([given, address]) => {
	expect(parseOptions(['--server', given!, 'x'], {})).toMatchObject({ server: address });
});

test.for([
	[['--colour'], "Unknown option '--colour'. See runnel --help."],
	[['--server'], '--server'],
	[['--json=yes'], '--json'],
	[['--server', 'ftp://x', 'y'], 'ftp://x is not the address of a server'],
	[['--server', 'http://', 'y'], 'is not the address of a server'],
	[['--conversation='], '--conversation is empty.'],
	[['--continue', '--follow', 'r'], 'only one can be meant'],
	[['--follow', 'r', 'words'], 'takes no prompt'],
	[['--token', 't', 'x'], '--token needs a --server']
] as const)('%j is refused in one sentence', ([args, sentence]) => {
	expect(() => parseOptions([...args], {})).toThrow(Usage);
	expect(() => parseOptions([...args], {})).toThrow(sentence);
});

test('NO_COLOR and --no-color take the colours away, and an empty NO_COLOR does not', () => {
	expect(parseOptions(['x'], { NO_COLOR: '1' })).toMatchObject({ color: false });
	expect(parseOptions(['x', '--no-color'], {})).toMatchObject({ color: false });
	expect(parseOptions(['x'], { NO_COLOR: '' })).toMatchObject({ color: true });
});

test.for(FLAG_NAMES)('--%s is in the help and in the documentation', (name) => {
	expect(HELP).toContain(`--${name}`);
	expect(readFileSync('docs/cli.md', 'utf8')).toContain(`\`--${name}`);
});
