import { followRun, RunLost, type RunFrom } from '#lib/chat/follow-run.ts';
import { insist } from '#lib/chat/insist.ts';
import { actual } from '#lib/chat/surroundings.ts';
import type { Numbered } from '#lib/protocol/events.ts';
import type { Failure } from '#lib/protocol/messages.ts';
import type { Decisions } from './decisions.ts';
import type { Backend } from './backend.ts';
import type { View } from './view.ts';

/** How the listening to a run ended; `paused` when nobody here can decide what it waits for. */
export interface Ending {
	outcome: 'done' | 'limit' | 'stopped' | 'failed' | 'paused' | 'left';
	runId?: string | undefined;
	conversationId?: string | undefined;
	failure?: Failure | undefined;
}

export interface ListenOptions {
	backend: Backend;
	view: View;
	decisions: Decisions;
	/** Stops the run, as soon as it is known which. */
	stopping: AbortSignal;
	/** Ends the listening. */
	leaving: AbortSignal;
}

/**
 * Listens to a run until its end, shows it, and has a person decide what it asks for.
 *
 * @throws what `followRun` throws
 */
export async function listen(
	from: RunFrom,
	{ backend, view, decisions, stopping, leaving }: ListenOptions
): Promise<Ending> {
	const done = new AbortController();
	const signal = AbortSignal.any([leaving, decisions.given, done.signal]);
	const ending: Ending = { outcome: 'left', runId: 'runId' in from ? from.runId : undefined };
	const stop = () => {
		const { runId } = ending;
		if (runId === undefined || signal.aborted) return;
		insist(() => backend.stop(runId), signal, actual).catch((cause: unknown) => {
			if (!signal.aborted) view.note((cause as Error).message);
		});
	};
	stopping.addEventListener('abort', stop, { signal });
	let lost = false;
	const onlost = () => {
		if (!lost) view.note('The connection is lost; trying again.');
		lost = true;
	};

	try {
		const { keepAliveMs } = backend;
		let last: Numbered | undefined;
		for await (const batch of followRun(backend, from, { signal, onlost, keepAliveMs })) {
			lost = false;
			for (const event of batch) {
				if (event.type === 'run-start') {
					ending.runId = event.runId;
					ending.conversationId = event.conversationId;
					if (stopping.aborted) stop();
				}
				decisions.hear(event, ending.runId ?? '');
				last = event;
			}
			await view.show(batch);
		}
		if (last?.type === 'run-end') return { ...ending, outcome: last.reason };
		if (last?.type === 'run-error') return { ...ending, outcome: 'failed', failure: last };
		return decisions.given.aborted ? { ...ending, outcome: 'paused' } : ending;
	} catch (cause) {
		if (!(cause instanceof RunLost)) throw cause;
		const again =
			ending.runId === undefined ? '' : ` runnel --follow ${ending.runId} reads it anew.`;
		throw new Error(`${cause.message}${again}`, { cause });
	} finally {
		done.abort();
		decisions.forget();
	}
}
