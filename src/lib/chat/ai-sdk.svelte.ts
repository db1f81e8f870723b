import { Chat } from '@ai-sdk/svelte';
import { lastAssistantMessageIsCompleteWithApprovalResponses as allAnswered } from 'ai';
import { untrack } from 'svelte';
import type { ConversationView } from '#lib/protocol/conversations.ts';
import type { Message } from '#lib/protocol/messages.ts';
import { BackOff } from './back-off.ts';
import { RunTransport } from './chat-transport.ts';
import type { ConversationStatus } from './conversation.svelte.ts';
import { insist } from './insist.ts';
import { newId } from './new-id.ts';
import { onnews } from './on-news.ts';
import { Refused, type Server, willPass } from './server.ts';
import { actual, type Surroundings } from './surroundings.ts';
import { type Trouble, troubleOf } from './trouble.ts';
import { type ChatMessage, fromChat, toChat } from './ui-messages.ts';

/** Why a request may be turned down because somebody else was faster. */
const OVERTAKEN = new Set(['conversation-busy', 'approval-answered']);

/** The server, as much of it as is needed beside the AI SDK's own requests. */
export type ChatServer = Pick<Server, 'conversation' | 'stop'>;

export interface ChatOptions {
	/** The conversation as it was loaded; without one it is new. */
	view?: ConversationView | undefined;
	fetch?: typeof globalThis.fetch | undefined;
	surroundings?: Surroundings | undefined;
}

/**
 * A conversation held by the `Chat` class of the AI SDK, with the face of `Conversation`, so that
 * one page shows either. It reads the `ui-message` wire of `/api/chat`.
 */
export class ChatConversation {
	readonly id: string;
	title: string | undefined = $state.raw();
	failure: Trouble | undefined = $state.raw();
	readonly messages: Message[] = $derived.by(() =>
		this.#chat.messages.map((message) => this.#shown(message))
	);
	readonly status: ConversationStatus = $derived.by(() => {
		if (!this.#asking) return 'idle';
		if (this.#chat.status === 'streaming') return 'streaming';
		return this.#lost ? 'lost' : 'waiting';
	});
	readonly busy = $derived.by(() => this.status !== 'idle' || this.#waiting !== undefined);

	readonly #chat: Chat<ChatMessage>;
	readonly #server: ChatServer;
	readonly #surroundings: Surroundings;
	/** `Chat` makes a new object of a message with each change, so an old one is shown as it was. */
	readonly #seen = new WeakMap<ChatMessage, Message>();
	/** The run that waits for a person; nobody listens to it meanwhile. */
	readonly #waiting: string | undefined = $derived.by(() => {
		const { status, runId } = this.#chat.lastMessage?.metadata ?? {};
		return status === 'paused' ? runId : undefined;
	});
	#asking = $state.raw(false);
	#lost = $state.raw(false);
	#attempt = new AbortController();
	#settled: Promise<void> = Promise.resolve();
	#accept: () => void = () => undefined;
	#runId: string | undefined;
	#openRun: string | undefined;
	#over = false;
	#wish: 'stop' | 'leave' | undefined;
	#forget: (() => void) | undefined;

	constructor(id: string, server: ChatServer, options: ChatOptions = {}) {
		const { view, fetch = globalThis.fetch, surroundings = actual } = options;
		this.id = id;
		this.#server = server;
		this.#surroundings = surroundings;
		const listener = {
			onaccept: () => {
				surroundings.tell(id);
				this.#accept();
			},
			onrun: (runId: string) => {
				this.#met(runId);
			},
			onnothing: () => {
				this.#over = true;
			}
		};
		const transport = new RunTransport(fetch, listener, surroundings);
		this.#chat = new Chat<ChatMessage>({ id, transport, generateId: newId });
		if (view) this.#show(view);
	}

	/** Asks. True when the server took the question; false when the text is the caller's again. */
	async send(text: string): Promise<boolean> {
		if (this.busy) return false;
		const parts = [{ type: 'text' as const, text }];
		const metadata = { createdAt: Date.now() };
		return this.#ask((options) =>
			this.#chat.sendMessage({ id: newId(), role: 'user', parts, metadata }, options)
		);
	}

	/** Asks the last question again; the new answer takes the place of the old one. */
	async retry(): Promise<boolean> {
		if (this.busy || this.messages.length === 0) return false;
		return this.#ask((options) =>
			this.#chat.regenerate({ messageId: this.#chat.lastMessage?.id, ...options })
		);
	}

	/** Ends the run; what was said stays. May be called before anything came. */
	async stop(): Promise<void> {
		if (!this.busy) return;
		const waiting = this.#asking ? undefined : this.#waiting;
		if (waiting) await this.#stopWaiting(waiting);
		else if (this.#runId) await this.#stop(this.#runId);
		else this.#wish = 'stop';
	}

	/**
	 * Decides what a reply asked for; it goes on when all of that is decided. False when the server
	 * did not take it, and `failure` says why.
	 */
	async answer(approvalId: string, approved: boolean): Promise<boolean> {
		if (this.#asking) return false;
		const before = [...this.#chat.messages];
		await this.#chat.addToolApprovalResponse({ id: approvalId, approved });
		const { messages, lastMessage } = this.#chat;
		if (!lastMessage || !allAnswered({ messages })) return true;

		const metadata = { ...lastMessage.metadata, status: 'running' as const };
		this.#chat.messages = [...messages.slice(0, -1), { ...lastMessage, metadata }];
		return this.#ask((options) => this.#chat.sendMessage(undefined, options), before);
	}

	/** Begins to listen: goes on with a reply under way, and looks for news when the page is seen. */
	resume(): void {
		this.#forget ??= onnews(this.#surroundings, (id) => {
			if (id === undefined || id === this.id) void this.refresh();
		});
		if (!this.#openRun || this.#nowBusy()) return;
		this.#begin(this.#openRun);
		this.#settled = untrack(() => this.#run(() => this.#chat.resumeStream()));
	}

	/** Shows what others said meanwhile, and goes on with a reply that is under way. */
	async refresh(): Promise<void> {
		const empty = untrack(() => this.messages.length === 0);
		if (this.#nowBusy() || empty) return;
		const view = await this.#server.conversation(this.id).catch((cause: unknown) => {
			troubleOf(cause); // what is shown stays: nobody asked for this, and the next look may succeed
		});
		if (!view || this.#nowBusy()) return;
		const { messages, runs } = view;
		const waited = untrack(() => this.#waiting !== undefined);
		const news = messages.length !== this.messages.length || runs.length > 0 || waited;
		if (news || messages.at(-1)?.id !== this.messages.at(-1)?.id) this.#show(view);
		this.resume();
	}

	/** Stops listening, as the page goes away; the run goes on without us. */
	leave(): void {
		this.#forget?.();
		this.#forget = undefined;
		// a question on its way is let through first
		if (untrack(() => this.status) === 'waiting' && !this.#runId) this.#wish = 'leave';
		else this.#hangUp();
	}

	/** Resolves when nothing is under way any more. */
	settled(): Promise<void> {
		return this.#settled;
	}

	#ask(
		request: (options: { headers: Record<string, string> }) => Promise<void>,
		before = [...this.#chat.messages]
	): Promise<boolean> {
		const headers = { 'idempotency-key': newId() };
		this.failure = undefined;
		this.#begin();

		return new Promise((resolve) => {
			let accepted = false;
			this.#accept = () => {
				accepted = true;
				resolve(true);
			};
			this.#settled = this.#run(
				() => request({ headers }),
				() => {
					if (!accepted) this.#chat.messages = before;
					resolve(accepted);
					return accepted;
				}
			);
		});
	}

	#begin(runId?: string): void {
		this.#asking = true;
		this.#lost = false;
		this.#wish = undefined;
		this.#runId = runId;
		this.#openRun = undefined;
		this.#attempt = new AbortController();
	}

	/** Makes a request of `Chat`, sees the reply through to its end, and makes way for the next. */
	async #run(request: () => Promise<void>, decided = () => true): Promise<void> {
		const { signal } = this.#attempt;
		try {
			await this.#tell(request);
			if (decided()) await this.#seeThrough(signal);
			else await this.#explain(signal);
		} catch (cause) {
			this.failure = troubleOf(cause);
		}
		const left = signal.aborted;
		if (left) this.#openRun = this.#runId;
		this.#attempt.abort();
		this.#asking = false;
		// a reply that somebody else asked for may be what stood in the way
		if (!left) this.resume();
	}

	/** Goes on with the reply, from its start, as often as it is cut off. */
	async #seeThrough(signal: AbortSignal): Promise<void> {
		const backOff = new BackOff(this.#surroundings);
		while (!signal.aborted && !this.#over && willPass(this.#chat.error)) {
			this.#lost = true;
			await backOff.wait(signal);
			if (!isAborted(signal)) await this.#tell(() => this.#chat.resumeStream());
		}
		if (isAborted(signal)) return;
		if (this.#over) this.#show(await this.#server.conversation(this.id));
		else if (this.#chat.error) this.failure = troubleOf(this.#chat.error);
	}

	async #tell(request: () => Promise<void>): Promise<void> {
		this.#over = false;
		this.#chat.clearError();
		await request();
	}

	/** Says why a question was not taken; if another reply is under way, shows that one. */
	async #explain(signal: AbortSignal): Promise<void> {
		const { error } = this.#chat;
		if (signal.aborted || !error) return;
		this.failure = troubleOf(error);
		if (error instanceof Refused && OVERTAKEN.has(error.code)) {
			this.#show(await this.#server.conversation(this.id));
		}
	}

	#met(runId: string): void {
		this.#runId = runId;
		this.#lost = false;
		if (this.#wish === 'stop') void this.#stop(runId);
		if (this.#wish === 'leave') this.#hangUp();
		this.#wish = undefined;
	}

	async #stop(runId: string): Promise<void> {
		const { signal } = this.#attempt;
		try {
			await insist(() => this.#server.stop(runId), signal, this.#surroundings);
		} catch (cause) {
			this.failure = troubleOf(cause);
		}
	}

	async #stopWaiting(runId: string): Promise<void> {
		this.#attempt = new AbortController();
		await this.#stop(runId);
		await this.refresh();
	}

	#hangUp(): void {
		this.#attempt.abort();
		void this.#chat.stop();
	}

	#show({ title, messages, runs }: ConversationView): void {
		this.title = title;
		this.#openRun = runs.find(({ status }) => status === 'running')?.id;
		// the stream tells a reply under way from its start, and `Chat` must not have it twice
		const told = messages.filter((one) => one.role === 'user' || one.runId !== this.#openRun);
		this.#chat.messages = told.map(toChat);
	}

	#shown(message: ChatMessage): Message {
		const seen = this.#seen.get(message) ?? fromChat(message);
		this.#seen.set(message, seen);
		return seen;
	}

	/** Whether it listens; an effect that calls us must not be called again because of it. */
	#nowBusy(): boolean {
		return untrack(() => this.#asking);
	}
}

function isAborted(signal: AbortSignal): boolean {
	return signal.aborted;
}
