/** `runnel`: asks an agent from a terminal or a script, and follows runs. */
import { readFileSync } from 'node:fs';
import { HELP } from './help.ts';
import { parseOptions, Usage } from './options.ts';

process.exitCode = await main(process.argv.slice(2));

/** What a command line comes to: 0 done, 1 failed, 2 wrong usage, 130 stopped. */
async function main(args: string[]): Promise<number> {
	try {
		const options = parseOptions(args, process.env);
		if (options === 'help') return print(HELP);
		if (options === 'version') return print(version());
		const { start } = await import('./start.ts'); // the rest takes its time to load
		return await start(options);
	} catch (cause) {
		const sentence = cause instanceof Error ? cause.message : String(cause);
		process.stderr.write(`runnel: ${sentence}\n`);
		return cause instanceof Usage ? 2 : 1;
	}
}

function print(text: string): number {
	process.stdout.write(`${text}\n`);
	return 0;
}

function version(): string {
	const file = new URL('../../package.json', import.meta.url);
	return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
