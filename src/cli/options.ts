import { parseArgs } from 'node:util';

/** What a command line asks for. */
export interface Options {
	/** Empty when nothing was given as an argument. */
	prompt: string;
	/** An address without a slash at its end; without it the agent runs in this process. */
	server: string | undefined;
	token: string | undefined;
	agent: string | undefined;
	model: string | undefined;
	continue: boolean;
	conversation: string | undefined;
	follow: string | undefined;
	json: boolean;
	quiet: boolean;
	color: boolean;
}

/** The command line itself is wrong; the message says how. */
export class Usage extends Error {}

const FLAGS = {
	server: { type: 'string' },
	token: { type: 'string' },
	agent: { type: 'string' },
	model: { type: 'string' },
	continue: { type: 'boolean', short: 'c' },
	conversation: { type: 'string' },
	follow: { type: 'string' },
	json: { type: 'boolean' },
	quiet: { type: 'boolean', short: 'q' },
	'no-color': { type: 'boolean' },
	help: { type: 'boolean', short: 'h' },
	version: { type: 'boolean' }
} as const;

/** The names of all flags, for the test that holds the help and the documentation against them. */
export const FLAG_NAMES = Object.keys(FLAGS);

/** @throws {Usage} with a sentence that names the flag */
export function parseOptions(
	args: string[],
	env: Record<string, string | undefined>
): Options | 'help' | 'version' {
	const { values, positionals } = parse(args);
	if (values.help) return 'help';
	if (values.version) return 'version';

	for (const [name, value] of Object.entries(values)) {
		if (value === '') throw new Usage(`--${name} is empty.`);
	}
	const prompt = positionals.join(' ').trim();
	const server = values.server ?? (env['RUNNEL_SERVER'] || undefined);
	const { continue: goOn = false, conversation, follow } = values;
	if ([goOn, conversation !== undefined, follow !== undefined].filter(Boolean).length > 1) {
		throw new Usage('Of --continue, --conversation and --follow only one can be meant.');
	}
	if (follow !== undefined && prompt) {
		throw new Usage('--follow asks nothing, so it takes no prompt.');
	}
	if (values.token !== undefined && server === undefined) {
		throw new Usage('--token needs a --server to be sent to.');
	}
	return {
		prompt,
		server: server === undefined ? undefined : addressOf(server),
		token: values.token ?? (env['RUNNEL_TOKEN'] || undefined),
		agent: values.agent,
		model: values.model,
		continue: goOn,
		conversation,
		follow,
		json: values.json ?? false,
		quiet: values.quiet ?? false,
		color: !values['no-color'] && !env['NO_COLOR']
	};
}

function parse(args: string[]) {
	try {
		return parseArgs({ args, options: FLAGS, allowPositionals: true });
	} catch (cause) {
		const [sentence = ''] = (cause as Error).message.split(/\. |\n/);
		throw new Usage(`${sentence.replace(/\.$/, '')}. See runnel --help.`, { cause });
	}
}

function addressOf(server: string): string {
	const text = server.includes('://') ? server : `http://${server}`;
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (!url || !/^https?:$/.test(url.protocol)) {
		throw new Usage(`${server} is not the address of a server, such as http://127.0.0.1:3000.`);
	}
	return url.href.replace(/[?#].*$/, '').replace(/\/+$/, '');
}
