import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Who each room may import, besides itself. Anything not listed here is a wall. */
const doors: Record<string, string[]> = {
	protocol: [],
	wire: ['protocol'],
	chat: ['protocol', 'wire'],
	components: ['protocol'],
	'server/agents': ['protocol', 'server'],
	'server/store': ['protocol', 'server'],
	'server/http': ['protocol', 'server'],
	'server/auth': ['protocol', 'server'],
	'server/runs': ['protocol', 'server', 'server/agents/answer', 'server/store/store'],
	server: ['protocol'],
	routes: ['protocol', 'wire', 'chat', 'components', 'server', 'server/http', 'server/runs', 'app'],
	hooks: [
		'protocol',
		'server',
		'server/agents',
		'server/auth',
		'server/store',
		'server/http',
		'server/runs',
		'routes'
	],
	cli: [
		'protocol',
		'wire',
		'chat',
		'components/markdown/lex',
		'components/markdown/mend-open',
		'components/markdown/plain-text',
		'server',
		'server/agents',
		'server/store',
		'server/runs'
	],
	start: ['server', 'build'],
	build: []
};

/** Packages that one place alone knows. */
const packages: Record<string, RegExp> = {
	'@openai/agents': /^src\/lib\/server\/agents\//,
	ws: /^src\/routes\/api\/ws\//,
	jose: /^src\/lib\/server\/auth\//,
	openai: /^src\/lib\/server\/agents\//,
	'@ai-sdk/svelte': /^src\/lib\/chat\/ai-sdk/,
	'eventsource-parser': /^src\/lib\/(wire\/read-|server\/agents\/)/,
	kysely: /^src\/lib\/server\/store\//,
	'node:sqlite': /^src\/lib\/server\/store\/sqlite\//,
	'log-update': /^src\/cli\//,
	marked: /^src\/(lib\/components\/markdown|cli)\//
};

const files = globSync('src/**/*.{ts,svelte}').filter(
	(file) => !/\.test\.ts$|\.d\.ts$/.test(file) && !file.includes('/testing/')
);

test('there are files to look at', () => {
	expect(files.length).toBeGreaterThan(30);
});

test.for(files)('%s stays behind its doors', (file) => {
	expect(strangers(file, readFileSync(file, 'utf8'))).toEqual([]);
});

test.for([
	['src/lib/protocol/fold.ts', "import { native } from '#lib/wire/native.ts';"],
	['src/lib/wire/text.ts', "import type { Run } from '#lib/server/runs/run.ts';"],
	[
		'src/lib/components/Reply.svelte',
		"import { Conversation } from '../chat/conversation.svelte.ts';"
	],
	[
		'src/lib/server/runs/runs.ts',
		"import { openSqliteStore } from '#lib/server/store/sqlite/sqlite-store.ts';"
	],
	['src/lib/server/store/store.ts', "import { Refusal } from '#lib/server/http/refuse.ts';"],
	[
		'src/routes/stream-run.ts',
		"const { createAgents } = await import('#lib/server/agents/agents.ts');"
	],
	['src/lib/server/runs/run.ts', "import { Runner } from '@openai/agents';"],
	['src/lib/chat/conversation.svelte.ts', "import { Chat } from '@ai-sdk/svelte';"],
	['src/lib/server/http/guard.ts', "export { text } from '#lib/wire/text.ts';"]
])('a planted violation is found: %s, %s', ([file, line]) => {
	expect(strangers(file!, line!)).toHaveLength(1);
});

/** What this file imports though its room has no door to it. */
function strangers(file: string, source: string): string[] {
	const room = roomOf(file);
	const imported = [...source.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map(
		([, specifier]) => specifier!
	);
	return imported.filter((specifier) => {
		const owner = Object.keys(packages).find(
			(name) => specifier === name || specifier.startsWith(`${name}/`)
		);
		if (owner) return !packages[owner]!.test(file);
		const target = targetOf(file, specifier);
		return target !== undefined && target !== 'package.json' && !mayImport(room, target);
	});
}

function mayImport(room: string, target: string): boolean {
	const allowed = doors[room] ?? [];
	const wanted = roomOf(target);
	if (wanted === room || allowed.includes(wanted)) return true;
	return allowed.some((door) => target === `src/lib/${door}.ts`);
}

/** The file of the project that a specifier names, or undefined for a package. */
function targetOf(file: string, specifier: string): string | undefined {
	if (specifier.startsWith('#lib/')) return specifier.replace('#lib/', 'src/lib/');
	if (!specifier.startsWith('.')) return;
	return new URL(specifier, `file:///${file}`).pathname.slice(1);
}

function roomOf(file: string): string {
	const [, place = '', name = '', inner = ''] = file.split('/');
	if (place !== 'lib') return place.split('.')[0]!;
	return name === 'server' && !inner.endsWith('.ts') ? `server/${inner}` : name;
}
