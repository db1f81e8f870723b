import { sveltekit } from '@sveltejs/kit/vite';
import { playwright } from '@vitest/browser-playwright';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { devSockets } from './src/dev-sockets.ts';
import { findBrowser } from './tests/find-browser.ts';

export default defineConfig({
	plugins: [sveltekit(), devSockets(), trimMath()],
	environments: {
		client: {
			build: {
				rolldownOptions: {
					output: {
						// every page needs these; in files of their own they are a dozen requests
						codeSplitting: {
							groups: [
								{
									name: 'page',
									test: /node_modules\/(svelte|@sveltejs)\/|src\/lib\/components\/(?!.*highlighter)/
								}
							]
						}
					}
				}
			}
		}
	},
	// found while a test runs, a dependency would reload the page under it
	optimizeDeps: {
		exclude: ['@lucide/svelte'],
		include: [
			'marked',
			'lowlight',
			'fast-check',
			'ai',
			'eventsource-parser',
			'eventsource-parser/stream'
		]
	},
	test: {
		expect: { requireAssertions: true },
		maxWorkers: 4, // most tests wait for a server or a clock, not for a core
		projects: [
			{
				extends: true,
				test: {
					name: 'node',
					environment: 'node',
					globalSetup: 'tests/build.ts',
					include: ['{src,tests,bench}/**/*.test.ts'],
					exclude: ['**/*.svelte.test.ts', 'tests/e2e/**'],
					testTimeout: 60_000, // many a test starts the built server
					hookTimeout: 120_000
				}
			},
			{
				extends: true,
				test: {
					name: 'browser',
					include: ['src/**/*.svelte.test.ts'],
					testTimeout: 30_000,
					browser: {
						enabled: true,
						headless: true,
						screenshotFailures: false,
						provider: playwright({ launchOptions: process.env.VITEST ? await findBrowser() : {} }),
						instances: [{ browser: 'chromium' }]
					}
				}
			}
		]
	}
});

/** The calculator needs little of it; whole, it holds the server up when it is loaded. */
function trimMath(): Plugin {
	return {
		name: 'trim-math',
		apply: 'build',
		config: () => ({ ssr: { noExternal: ['mathjs'] } })
	};
}
