import type { Backend } from './backend.ts';
import { once } from './once.ts';
import { type Options, Usage } from './options.ts';
import { readInput } from './read-input.ts';

/** Does what a command line asks for, and gives the exit status. */
export async function start(options: Options): Promise<number> {
	const { follow, conversation } = options;
	const interactive =
		!options.prompt && follow === undefined && process.stdin.isTTY && process.stdout.isTTY;
	if (interactive && options.json) throw new Usage('--json needs something to ask.');
	const text = interactive || follow !== undefined ? '' : await readInput(options.prompt);
	if (!interactive && follow === undefined && text === '') {
		throw new Usage('There is nothing to ask. See runnel --help.');
	}

	const backend = await open(options);
	try {
		const conversationId = options.continue ? await newest(backend) : conversation;
		if (interactive) {
			const { talk } = await import('./talk.ts');
			return await talk(backend, options, conversationId);
		}
		return await once(backend, options, { text, conversationId });
	} finally {
		await backend.close();
	}
}

/** The way to where runs are; only the one that is taken is loaded. */
async function open({ server, token }: Options): Promise<Backend> {
	if (server === undefined) return (await import('./local.ts')).local();
	return (await import('./remote.ts')).remote(server, token);
}

async function newest(backend: Backend): Promise<string> {
	const { conversations } = await backend.conversations();
	const [first] = conversations;
	if (!first) throw new Error('There is no conversation to go on with yet.');
	return first.id;
}
