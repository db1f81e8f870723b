import { common, createLowlight } from 'lowlight';

const LONGEST = 30_000;

const GROUPS: Record<string, string> = {
	keyword: 'keyword',
	built_in: 'keyword',
	'selector-tag': 'keyword',
	meta: 'keyword',
	doctag: 'keyword',
	string: 'string',
	regexp: 'string',
	addition: 'string',
	'template-variable': 'string',
	number: 'number',
	literal: 'number',
	symbol: 'number',
	bullet: 'number',
	link: 'number',
	title: 'name',
	attr: 'name',
	attribute: 'name',
	name: 'name',
	section: 'name',
	type: 'name',
	property: 'name',
	comment: 'comment',
	quote: 'comment',
	deletion: 'comment'
};

const lowlight = createLowlight(common);

type Tree = ReturnType<typeof lowlight.highlight>['children'][number];

/** A part of some code that has a colour: `end` is the first place after it. */
export interface Stretch {
	group: string;
	start: number;
	end: number;
}

/** Which parts of this code have which colour; none in a language that is not known. */
export function stretchesOf(code: string, language: string): Stretch[] {
	if (code.length > LONGEST || !lowlight.registered(language)) return [];
	const stretches: Stretch[] = [];
	let at = 0;

	function walk(node: Tree): void {
		if (node.type === 'text') at += node.value.length;
		if (node.type !== 'element') return;
		const start = at;
		for (const child of node.children) walk(child);
		const group = groupOf(node.properties.className);
		if (group) stretches.push({ group, start, end: at });
	}

	for (const node of lowlight.highlight(language, code).children) walk(node);
	return stretches;
}

function groupOf(classes: unknown): string | undefined {
	const name = Array.isArray(classes) ? String(classes[0]).replace(/^hljs-/, '') : '';
	return Object.hasOwn(GROUPS, name) ? GROUPS[name] : undefined;
}
