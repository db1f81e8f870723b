import type { MathNode } from 'mathjs';
import { z } from 'zod';
import type { arithmetic } from './arithmetic.ts';
import { makeTool, ToolFailure } from './make-tool.ts';

const LONGEST = 500;
const CONSTANTS = {
	pi: Math.PI,
	PI: Math.PI,
	e: Math.E,
	E: Math.E,
	tau: 2 * Math.PI,
	phi: (1 + Math.sqrt(5)) / 2
};

/** Computes what a pocket calculator could, from one line of arithmetic. */
export const calculate = makeTool({
	name: 'calculate',
	description:
		'Computes an arithmetic expression with numbers, + - * / ^ %, parentheses, pi, e, and functions such as sqrt, log, sin, round, min, max.',
	parameters: z.object({
		expression: z.string().describe('For example "12 * 7 + 1" or "sqrt(2) * 100".')
	}),
	execute: async ({ expression }) => ({ expression, result: await compute(expression) })
});

/**
 * The value of an arithmetic expression, to 14 significant digits. Only plain numbers are computed
 * with: no units, no matrices, no big integers, so that no expression can hold up the server.
 *
 * @throws {ToolFailure} with a sentence that says what is not understood
 */
export async function compute(expression: string): Promise<number | boolean> {
	if (expression.length > LONGEST) {
		throw new ToolFailure(`An expression may have ${String(LONGEST)} characters at most.`);
	}
	const { arithmetic } = await import('./arithmetic.ts'); // most answers compute nothing
	const written = expression.replaceAll('×', '*').replaceAll('÷', '/').replaceAll('−', '-');
	let node: MathNode;
	try {
		node = arithmetic.parse(written);
	} catch {
		throw new ToolFailure(`“${short(expression)}” is not an arithmetic expression.`);
	}
	node.traverse(refuseBut(arithmetic));
	const value: unknown = evaluate(node, expression);
	if (typeof value === 'boolean') return value;
	if (typeof value !== 'number' || Number.isNaN(value)) {
		throw new ToolFailure(`“${short(expression)}” has no value among the real numbers.`);
	}
	if (!Number.isFinite(value)) {
		throw new ToolFailure(`The value of “${short(expression)}” is too large, or infinite.`);
	}
	return Number(value.toPrecision(14));
}

function evaluate(node: MathNode, expression: string): unknown {
	try {
		return node.evaluate({ ...CONSTANTS });
	} catch {
		throw new ToolFailure(`“${short(expression)}” cannot be computed.`);
	}
}

/** Refuses everything that is not listed, rather than listing what is dangerous. */
function refuseBut({ functions, operators }: typeof arithmetic) {
	return (node: MathNode, path: string, parent: MathNode): void => {
		switch (node.type) {
			case 'ParenthesisNode':
				return;
			case 'ConstantNode':
				if (typeof field(node, 'value') === 'number') return;
				break;
			case 'OperatorNode':
				if (operators.has(String(field(node, 'fn')))) return;
				break;
			case 'FunctionNode':
				if (functions.has(nameOf(field(node, 'fn')))) return;
				throw new ToolFailure(
					`The calculator has no function “${short(nameOf(field(node, 'fn')))}”.`
				);
			case 'SymbolNode':
				if (path === 'fn' && parent.type === 'FunctionNode') return;
				if (Object.hasOwn(CONSTANTS, nameOf(node))) return;
				throw new ToolFailure(`The calculator does not know “${short(nameOf(node))}”.`);
		}
		throw new ToolFailure('The calculator takes numbers, operators and functions of numbers only.');
	};
}

function nameOf(node: unknown): string {
	return String(field(node, 'name'));
}

function field(node: unknown, name: string): unknown {
	return typeof node === 'object' && node !== null ? Reflect.get(node, name) : undefined;
}

function short(text: string): string {
	return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
