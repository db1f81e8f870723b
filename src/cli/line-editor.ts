import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { recalled } from './history.ts';

const PASTES = '\u001b[?2004';
const SHOW_CURSOR = '\u001b[?25h';

/**
 * Reads what a person types, with history, while the terminal may belong to an answer: then the
 * keys are taken without an echo, and lines wait until they are asked for.
 *
 * A line that ends with a backslash goes on in the next one, and so do lines that are pasted.
 */
export class LineEditor {
	/** What is typed while nobody asks is dropped. */
	deaf = false;
	/** Is told whenever the line has changed without an echo. */
	ontype: ((line: string) => void) | undefined;
	/** Is told of lines that come while nobody asks; true when one was taken. */
	online: ((line: string) => boolean) | undefined;
	/** Ctrl-C, when the line is empty. */
	oninterrupt: (() => void) | undefined;
	readonly #readline: Interface;
	#mute = true;
	#pasting = false;
	#begun: string[] = [];
	#waiting: string[] = [];
	#answer: ((line: string | undefined) => void) | undefined;
	#closed = false;
	readonly #past: string[];
	/** What readline goes through with the arrows; it holds on to this very list. */
	readonly #arrows: string[] = [];

	/** @param past what the arrow up brings back, newest first; it may grow */
	constructor(past: string[]) {
		this.#past = past;
		this.#readline = createInterface({
			input: process.stdin,
			output: this.#output(),
			terminal: true,
			history: this.#arrows,
			historySize: Infinity,
			prompt: ''
		});
		// readline adds every line by itself: answers to a question and pieces of a paste as well
		this.#readline.on('history', this.#recall);
		process.stdout.write(`${PASTES}h`);
		process.stdin.on('keypress', this.#key);
		this.#readline.on('line', this.#line);
		this.#readline.on('SIGINT', () => {
			if (this.#readline.line === '' && this.#begun.length === 0) this.oninterrupt?.();
			else this.#clear();
		});
		this.#readline.on('SIGTSTP', this.#suspend);
		this.#readline.on('close', () => {
			this.#closed = true;
			process.stdout.write(`${PASTES}l${this.#mute ? '' : '\n'}`);
			process.stdin.off('keypress', this.#key);
			this.#give(undefined);
		});
	}

	/** The next line, or undefined when no more will come (Ctrl-D), or the signal aborts. */
	read(prompt: string, signal?: AbortSignal): Promise<string | undefined> {
		const line = this.#waiting.shift();
		if (line !== undefined) {
			process.stdout.write(`${prompt}${line}\n`);
			return Promise.resolve(line);
		}
		if (this.#closed || signal?.aborted) return Promise.resolve(undefined);
		return new Promise((resolve) => {
			const off = () => {
				process.stdout.write('\n');
				this.#give(undefined);
			};
			signal?.addEventListener('abort', off);
			this.#answer = (answer) => {
				signal?.removeEventListener('abort', off);
				resolve(answer);
			};
			this.#mute = false;
			this.#recall();
			this.#readline.setPrompt(prompt);
			this.#readline.prompt(true);
		});
	}

	get closed(): boolean {
		return this.#closed;
	}

	close(): void {
		this.#readline.close();
	}

	readonly #key = (_text: string | undefined, key: { name?: string } | undefined): void => {
		if (key?.name === 'paste-start') this.#pasting = true;
		if (key?.name === 'paste-end') this.#pasting = false;
		if (this.#mute && this.deaf && !this.#closed) this.#clear();
		if (this.#mute) this.ontype?.(this.#readline.line);
	};

	readonly #recall = (): void => {
		this.#arrows.splice(0, this.#arrows.length, ...this.#past);
	};

	readonly #line = (line: string): void => {
		const goesOn = this.#pasting || line.endsWith('\\');
		this.#begun.push(this.#pasting ? line : line.replace(/\\$/, ''));
		if (goesOn) {
			if (this.#mute) return;
			this.#readline.setPrompt('. ');
			this.#readline.prompt();
			return;
		}
		const whole = recalled(this.#begun.splice(0).join('\n'));
		if (this.#answer) this.#give(whole);
		else if (whole.trim() !== '' && !this.online?.(whole)) this.#waiting.push(whole);
	};

	/** Ctrl-Z, as a terminal does it: whatever started us (npm, say) stops too, or no shell comes back. */
	readonly #suspend = (): void => {
		process.once('SIGCONT', () => {
			if (this.#closed) return;
			process.stdin.setRawMode(true);
			process.stdout.write(`${PASTES}h`);
			if (!this.#mute) this.#readline.prompt(true);
		});
		process.stdout.write(`${PASTES}l${SHOW_CURSOR}`);
		process.stdin.setRawMode(false);
		process.kill(0, 'SIGTSTP');
	};

	#give(line: string | undefined): void {
		const answer = this.#answer;
		this.#answer = undefined;
		this.#mute = true;
		answer?.(line);
	}

	#clear(): void {
		this.#begun = [];
		this.#readline.write(null, { ctrl: true, name: 'e' });
		this.#readline.write(null, { ctrl: true, name: 'u' });
	}

	/** Standard output, as readline wants one, and silent while the terminal is not ours. */
	#output(): Writable {
		const output = new Writable({
			write: (chunk: Buffer | string, _encoding, done) => {
				if (!this.#mute) process.stdout.write(chunk);
				done();
			}
		});
		Object.defineProperty(output, 'columns', { get: () => process.stdout.columns });
		process.stdout.on('resize', () => output.emit('resize'));
		return output;
	}
}
