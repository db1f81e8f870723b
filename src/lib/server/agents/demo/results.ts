import type { AgentInputItem } from '@openai/agents';

type Result = Extract<AgentInputItem, { type: 'function_call_result' }>;

/** What tools found out, in words. What went wrong is told as the tool told it. */
export function tellResults(results: AgentInputItem[]): string {
	const told = results.filter((item) => item.type === 'function_call_result').map(tell);
	return told.length === 1 ? (told[0] ?? '') : told.map((line) => `* ${line}`).join('\n');
}

function tell(result: Result): string {
	const written = textOf(result.output);
	const fields = parsedFields(written);
	if (typeof fields.time === 'string') {
		return `It is ${fields.time} (\`${String(fields.time_zone)}\`).`;
	}
	if (fields.result !== undefined) {
		return `\`${String(fields.expression)}\` is **${JSON.stringify(fields.result)}**.`;
	}
	if (typeof fields.saved === 'string') return `It is saved as \`${fields.saved}\`.`;
	if (result.name === 'save_note') return `It was not saved. ${written}`;
	return `The tool \`${result.name}\` said: ${written}`;
}

function textOf(output: Result['output']): string {
	if (typeof output === 'string') return output;
	const parts = Array.isArray(output) ? output : [output];
	return parts.map((part) => ('text' in part ? part.text : '')).join('\n');
}

function parsedFields(written: string): Record<string, unknown> {
	try {
		const value: unknown = JSON.parse(written);
		return typeof value === 'object' && value !== null ? { ...value } : {};
	} catch {
		return {};
	}
}
