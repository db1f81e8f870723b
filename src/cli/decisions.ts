import { insistOnAnswer } from '#lib/chat/insist-on-answer.ts';
import { actual } from '#lib/chat/surroundings.ts';
import type { Numbered } from '#lib/protocol/events.ts';
import { foldInto } from '#lib/protocol/fold.ts';
import type { AssistantMessage, ToolPart } from '#lib/protocol/messages.ts';
import type { Backend } from './backend.ts';
import { begun } from './begun.ts';

/** A log that is read back asks for what was decided long ago: the rest of it is waited for. */
const PATIENCE_MS = 150;

/** What a person says to a call; undefined when it was decided elsewhere meanwhile. */
export type Verdict = 'yes' | 'no' | 'always' | undefined;

/** Asks a person about a call, until the signal aborts. */
export type AskPerson = (part: ToolPart, signal: AbortSignal) => Promise<Verdict>;

/** Brings what a run asks for before a person, and what the person says to the run. */
export class Decisions {
	/** Aborts when nobody can decide, neither here nor elsewhere. */
	readonly given: AbortSignal;
	readonly #backend: Backend;
	readonly #ask: AskPerson | undefined;
	readonly #note: (sentence: string) => void;
	readonly #giveUp = new AbortController();
	readonly #always = new Set<string>();
	readonly #asking = new Map<string, AbortController>();
	#reply: AssistantMessage | undefined;
	#timer: NodeJS.Timeout | undefined;
	#turn = Promise.resolve();

	constructor(backend: Backend, note: (sentence: string) => void, ask: AskPerson | undefined) {
		this.given = this.#giveUp.signal;
		this.#backend = backend;
		this.#note = note;
		this.#ask = ask;
	}

	hear(event: Numbered, runId: string): void {
		this.#reply = begun(event) ?? this.#reply;
		if (this.#reply) foldInto(this.#reply, event);
		clearTimeout(this.#timer);
		if (event.type === 'approval-response') this.#asking.get(event.approvalId)?.abort();
		if (this.#reply?.status !== 'paused') return;
		this.#timer = setTimeout(() => {
			for (const part of this.#reply?.parts ?? []) {
				if (part.type === 'tool' && part.state === 'asking') this.#bring(part, runId);
			}
		}, PATIENCE_MS);
	}

	/** The run is over, or left. */
	forget(): void {
		clearTimeout(this.#timer);
		for (const asking of this.#asking.values()) asking.abort();
		this.#asking.clear();
		this.#reply = undefined;
	}

	#bring(part: ToolPart, runId: string): void {
		const { id } = part.approval ?? {};
		if (id === undefined || this.#asking.has(id)) return;
		const asking = new AbortController();
		this.#asking.set(id, asking);
		if (!this.#ask && !this.#always.has(part.name)) {
			this.#note(
				`${part.name} waits for a decision. At a terminal, runnel --follow ${runId} asks for it.`
			);
			if (!this.#backend.shared) this.#giveUp.abort();
			return;
		}
		this.#turn = this.#turn
			.then(() => this.#decide(part, runId, id, asking.signal))
			.catch((cause: unknown) => {
				this.#note((cause as Error).message);
			});
	}

	async #decide(part: ToolPart, runId: string, id: string, signal: AbortSignal): Promise<void> {
		if (signal.aborted) return;
		const verdict = this.#always.has(part.name) ? 'yes' : await this.#ask?.(part, signal);
		if (verdict === undefined) return;
		if (verdict === 'always') this.#always.add(part.name);
		const answer = () => this.#backend.answer(runId, id, { approved: verdict !== 'no' });
		await insistOnAnswer(answer, signal, actual);
	}
}
