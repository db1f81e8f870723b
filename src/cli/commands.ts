import { tame } from './tame.ts';
import type { Session } from './talk.ts';

type Command = (session: Session, argument: string) => Promise<void> | void;

/** What can be done in a session besides asking, by name. */
export const COMMANDS: Record<string, { what: string; run: Command }> = {
	new: {
		what: 'begin a new conversation',
		run(session) {
			session.conversationId = undefined;
			session.print('A new conversation.');
		}
	},
	resume: {
		what: 'list the conversations, or go on with one: /resume NUMBER or ID',
		run: resume
	},
	model: {
		what: 'list the models, or answer with one from here on: /model NAME',
		run: (session, name) => choose(session, 'model', name)
	},
	agent: {
		what: 'list the agents, or have one answer from here on: /agent NAME',
		run: (session, name) => choose(session, 'agent', name)
	},
	stop: {
		what: 'stop the answer, while one comes; so does Ctrl-C',
		run(session) {
			session.print('Nothing is being answered.');
		}
	},
	help: { what: 'this', run: help },
	quit: {
		what: 'leave; so does Ctrl-D',
		run(session) {
			session.over = true;
		}
	}
};

/** The command that a line is, if it is one. */
export function commandOf(line: string): ((session: Session) => Promise<void> | void) | undefined {
	const [, name = '', argument = ''] = /^\/(\w+)\s*(.*)$/.exec(line.trim()) ?? [];
	const command = COMMANDS[name];
	return command && ((session) => command.run(session, argument.trim()));
}

function help(session: Session): void {
	for (const [name, { what }] of Object.entries(COMMANDS)) {
		session.print(`/${name.padEnd(8)} ${what}`);
	}
	session.print(
		'A line that ends with \\ goes on in the next. The arrow up brings back what was asked.'
	);
}

/** Without a name: those that can be chosen, with a mark at the one in use. */
async function choose(session: Session, what: 'model' | 'agent', name: string): Promise<void> {
	const cast = await session.backend.cast();
	const names = what === 'model' ? cast.models : cast.agents;
	if (name !== '') {
		if (!names.includes(name)) {
			throw new Error(`There is no such ${what}. The ${what}s are: ${names.join(', ')}.`);
		}
		session[what] = name;
	}
	const used = session[what] ?? names[0];
	for (const each of names) session.print(`${each === used ? '*' : ' '} ${tame(each)}`);
}

async function resume(session: Session, wanted: string): Promise<void> {
	const { conversations } = await session.backend.conversations();
	if (wanted) {
		const numbered = /^\d{1,2}$/.test(wanted) ? conversations[Number(wanted) - 1] : undefined;
		await session.resume(numbered?.id ?? wanted);
		return;
	}
	if (conversations.length === 0) session.print('There is no conversation yet.');
	for (const [index, { id, title }] of conversations.entries()) {
		session.print(`${String(index + 1).padStart(2)}  ${tame(title)}  (${id})`);
	}
}
