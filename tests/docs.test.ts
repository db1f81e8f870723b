import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig, VARIABLES } from '#lib/server/config.ts';
import { WIRES } from '#lib/wire/wires.ts';

const example = read('.env.example');
const wires = read('docs/wires.md');
const errors = read('docs/errors.md');

test('.env.example has every variable, and no other', () => {
	const named = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
	expect(named.sort()).toEqual([...VARIABLES].sort());
});

test('.env.example shows the defaults', () => {
	const shown = Object.fromEntries(
		[...example.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value])
	) as Record<string, string>;
	expect(parseConfig(shown)).toEqual(parseConfig({}));
});

test('every variable says why one would set it', () => {
	for (const block of example.split('\n\n').slice(1)) expect(block).toMatch(/^# .+[.:]?/);
});

test.for(Object.keys(WIRES))('the wire %s is documented', (name) => {
	expect(wires).toContain(`\`${name}\``);
});

test.for(routes())('the route %s is documented', (route) => {
	expect(wires).toContain(route);
});

test.for(codes())('the error code %s is documented', (code) => {
	expect(errors).toContain(`\`${code}\``);
});

test('every link between documents leads somewhere', () => {
	for (const file of globSync('{*.md,docs/**/*.md}')) {
		for (const [, target] of read(file).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
			expect(
				globSync(new URL(target!, `file:///${file}`).pathname.slice(1)),
				`${file}: ${target!}`
			).not.toEqual([]);
		}
	}
});

/** The API's addresses as the documentation writes them: `/api/runs/{runId}/stop`. */
function routes(): string[] {
	return globSync('src/routes/**/+server.ts').map((file) =>
		file
			.replace(/^src\/routes|\/\+server\.ts$/g, '')
			.replaceAll(/\/\(\w+\)/g, '')
			.replaceAll(/\[(\w+)\]/g, '{$1}')
	);
}

function codes(): string[] {
	return [...read('src/lib/protocol/errors.ts').matchAll(/\| '([\w-]+)'/g)].map(
		([, code]) => code!
	);
}

function read(file: string): string {
	return readFileSync(file, 'utf8');
}
