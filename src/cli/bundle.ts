/**
 * Puts the command line and all it loads into a few files: a thousand take Node half a second to
 * read. `runnel.js` uses them as long as they are whole, and newer than the source.
 */
import { cpSync, globSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, normalizePath, type Plugin } from 'vite';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'node_modules/.cache/runnel/bundle');
const began = Date.now();
const sources: string[] = [];

const noteSources: Plugin = {
	name: 'note-sources',
	generateBundle() {
		const own = normalizePath(root);
		for (const id of this.getModuleIds()) {
			const inside = id.startsWith(own) && !id.includes('/node_modules/');
			if (inside) sources.push(id.slice(own.length));
		}
	}
};

await build({
	configFile: false,
	root,
	logLevel: 'warn',
	publicDir: false,
	plugins: [noteSources],
	ssr: { noExternal: true, target: 'node' },
	build: {
		ssr: true,
		outDir: folder,
		emptyOutDir: true,
		rolldownOptions: {
			input: {
				main: join(root, 'src/cli/main.ts'),
				'store-worker': join(root, 'src/lib/server/store/sqlite/worker.ts')
			},
			output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' }
		}
	}
});

const sizes: Record<string, number> = {};
for (const name of globSync('*.js', { cwd: folder })) {
	sizes[name] = statSync(join(folder, name)).size;
}
cpSync(join(root, 'package-lock.json'), join(folder, 'package-lock.json'));
// last: what is still being written is not used
writeFileSync(join(folder, 'list.json'), JSON.stringify({ began, sources, sizes }));
