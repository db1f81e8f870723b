import { defineConfig } from '@playwright/test';
import { findBrowser } from './tests/find-browser.ts';

export default defineConfig({
	testDir: 'tests/e2e',
	globalSetup: './tests/build.ts',
	timeout: 60_000,
	expect: { timeout: 15_000 },
	workers: 2,
	fullyParallel: true,
	forbidOnly: !!process.env['CI'],
	reporter: process.env['CI'] ? [['list']] : [['list'], ['html', { open: 'never' }]],
	use: { launchOptions: await findBrowser(), trace: 'retain-on-failure' }
});
