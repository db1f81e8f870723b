import type { AgentInputItem } from '@openai/agents';
import { tellResults } from './results.ts';
import { askedNotes, askedSums, askedTimes, askedWords } from './understand.ts';
import { CODE, EVERYTHING, INTRODUCTION, LIST, MATHS, TABLE, THANKS } from './texts.ts';
import { walk } from './walk.ts';

/** What the demo says in one turn. */
export interface Response {
	reasoning?: string;
	text?: string;
	calls?: Call[];
}

/** A tool that the demo wants to be run. */
export interface Call {
	name: string;
	input: Record<string, unknown>;
}

/** What the demo answers to a conversation. The same conversation gets the same answer. */
export function respond(items: AgentInputItem[]): Response {
	const results = items.slice(items.findLastIndex(isQuestion) + 1).filter(isResult);
	if (results.length > 0) return { text: tellResults(results) };

	const questions = items.filter(isQuestion).map(textOf);
	const question = questions.at(-1) ?? '';
	return (
		saving(question) ??
		fromMemory(question, questions) ??
		atLength(question) ??
		aloud(question) ??
		withTools(question) ??
		shown(question) ?? { text: puzzled(question) }
	);
}

function saving(question: string): Response | undefined {
	const asked = askedNotes(question);
	if (!asked) return undefined;
	const { before, notes } = asked;
	if (notes.length === 0)
		return { text: 'What should it say? For example: `Save a note: buy milk`' };
	const calls = notes.map((note): Call => ({ name: 'save_note', input: { ...note } }));
	return { text: 'I can save that, if you allow it.', calls: [...callsFor(before), ...calls] };
}

function fromMemory(question: string, questions: string[]): Response | undefined {
	if (/\bfirst\b/i.test(question) && /\b(ask|asked|say|said|question|message)\b/i.test(question)) {
		const [first] = questions;
		if (questions.length < 2) return { text: 'This is the first thing you asked.' };
		return { text: `The first thing you asked was:\n\n${quoted(first ?? '')}` };
	}
	if (
		/\b(just|last|before|previous)\b/i.test(question) &&
		/\b(ask|asked|question)\b/i.test(question)
	) {
		const before = questions.at(-2);
		if (before === undefined) return { text: 'You have not asked anything before this.' };
		return { text: `Before this you asked:\n\n${quoted(before)}` };
	}
	if (/\bhow many\b.*\b(questions?|messages?|times)\b/i.test(question)) {
		return { text: `With this one you have asked ${String(questions.length)} so far.` };
	}
	return undefined;
}

function atLength(question: string): Response | undefined {
	const asked = askedWords(question);
	if (!asked) return undefined;
	const { words, topic } = asked;
	const about = topic
		? `A demo cannot write about ${topic}, but it can take you for a walk of that length.\n\n`
		: '';
	return { text: about + walk(words) };
}

function aloud(question: string): Response | undefined {
	const topic =
		/\b(?:think|reason|reflect)\b(?:\s+(?:aloud|hard|carefully))*(?:\s+(?:about|on|over))?\s*(.*)/i.exec(
			question
		)?.[1];
	if (topic === undefined) return undefined;
	const subject = topic.replace(/[.?!\s]+$/, '') || 'this';
	const sums = askedSums(question);
	return {
		reasoning: [
			`The question is about ${subject}.`,
			'First I should be clear about what is asked, and what a good answer would look like.',
			'A real model would now weigh what it knows. I am a demo, so I know nothing about it;',
			'what I can do is show how reasoning looks on this page while it streams,',
			'and then keep it apart from the answer, so that it can be folded away.',
			sums.length > 0
				? 'There is a sum in the question, which a tool can work out.'
				: 'That is enough.'
		].join(' '),
		...(sums.length > 0
			? { calls: sums.map(sum) }
			: {
					text: `I have thought about ${subject}, as far as a demo can. What you saw above this line was *reasoning*: models that show theirs will show it there, folded away once the answer begins.`
				})
	};
}

function withTools(question: string): Response | undefined {
	const calls = callsFor(question);
	if (calls.length === 0) return undefined;
	return { text: calls.length === 1 ? 'Let me look.' : 'Let me look, all at once.', calls };
}

function callsFor(question: string): Call[] {
	return [...askedTimes(question).map(time), ...askedSums(question).map(sum)];
}

function time(zone: string | null): Call {
	return { name: 'current_time', input: { time_zone: zone } };
}

function sum(expression: string): Call {
	return { name: 'calculate', input: { expression } };
}

function shown(question: string): Response | undefined {
	const wanted: [RegExp, string][] = [
		[/\b(everything|markdown|format|show me what)/i, EVERYTHING],
		[/\btables?\b/i, TABLE],
		[/\b(code|program|function|script|snippet)\b/i, CODE],
		[/\b(list|steps|to-?do|bullets?)\b/i, LIST],
		[/\b(formula|maths?|equation)\b/i, MATHS],
		[/\b(thanks|thank you|bye)\b/i, THANKS],
		[/^\W*(hi|hello|hey|good (morning|afternoon|evening)|greetings)\b/i, INTRODUCTION],
		[/\b(help|who are you|what are you|what can you do|key|connect|demo)\b/i, INTRODUCTION]
	];
	const text = wanted.find(([pattern]) => pattern.test(question))?.[1];
	return text === undefined ? undefined : { text };
}

function puzzled(question: string): string {
	const asked = question.length > 200 ? `${question.slice(0, 200)}…` : question;
	return `You asked:\n\n${quoted(asked)}\n\nI am the built-in demo and cannot answer that. ${INTRODUCTION}`;
}

function quoted(text: string): string {
	return text.replace(/^/gm, '> ');
}

function isQuestion(item: AgentInputItem): boolean {
	return 'role' in item && item.role === 'user';
}

function isResult(item: AgentInputItem) {
	return item.type === 'function_call_result';
}

function textOf(item: AgentInputItem): string {
	if (!('content' in item)) return '';
	if (typeof item.content === 'string') return item.content;
	return item.content.map((part) => ('text' in part ? part.text : '')).join('\n');
}
