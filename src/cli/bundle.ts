/**
 * Puts the command line and all it loads into a few files: a thousand take Node half a second to
 * read. `runnel.js` uses them as long as they are newer than the source.
 */
import { join } from 'node:path';
import { build } from 'vite';

const root = join(import.meta.dirname, '../..');

await build({
	configFile: false,
	root,
	logLevel: 'warn',
	publicDir: false,
	ssr: { noExternal: true, target: 'node' },
	build: {
		ssr: true,
		outDir: join(root, 'node_modules/.cache/runnel/bundle'),
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
