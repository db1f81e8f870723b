import { existsSync } from 'node:fs';
import { chromium } from 'playwright';

const SYSTEM = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/usr/bin/google-chrome-stable'
];

// a test browser talks to the test's own server and to nobody else
const QUIET = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync'
];

// what the package says and no reader's browser does: without web security nothing foreign is refused
const UNLIKE_OTHERS =
	/^--(single-process|headless|disable-web-security|allow-running-insecure-content)/;

/**
 * The browser that tests run in, as Playwright's `launchOptions`, in this order: `CHROMIUM_PATH`,
 * Playwright's own, a system Chromium, the npm package `@sparticuz/chromium` (so that npm alone is
 * enough; its first use unpacks it, which takes some seconds).
 */
export async function findBrowser(): Promise<{ executablePath: string; args: string[] }> {
	const named = process.env['CHROMIUM_PATH'];
	if (named && !existsSync(named)) {
		throw new Error(`CHROMIUM_PATH is ${named}, and there is no such file.`);
	}

	const installed = [named, chromium.executablePath(), ...SYSTEM].find(
		(path) => path && existsSync(path)
	);
	if (installed) return { executablePath: installed, args: QUIET };

	const { default: packaged } = await import('@sparticuz/chromium');
	const args = packaged.args.filter((arg) => !UNLIKE_OTHERS.test(arg));
	return {
		executablePath: await packaged.executablePath(),
		args: [...new Set([...args, ...QUIET])]
	};
}
