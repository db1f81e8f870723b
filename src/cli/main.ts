/** `runnel`: asks an agent from a terminal or a script, and follows runs. */
import manifest from '../../package.json' with { type: 'json' };
import { HELP } from './help.ts';
import { parseOptions, Usage } from './options.ts';

process.exitCode = await main(process.argv.slice(2));

/** What a command line comes to: 0 done, 1 failed, 2 wrong usage, 130 stopped. */
async function main(args: string[]): Promise<number> {
	try {
		const options = parseOptions(args, process.env);
		if (options === 'help') return print(HELP);
		if (options === 'version') return print(manifest.version);
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
