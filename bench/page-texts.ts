/** Answers of the shapes that cost a page most, in tokens of about five characters. */
export const TEXTS: Record<string, (tokens: number) => string[]> = {
	mixed: (tokens) => repeat(mixed, tokens),
	paragraph: (tokens) => repeat(() => 'A brook that never ends its way, ', tokens),
	items: (tokens) => repeat((index) => item(index, 60), tokens),
	code: (tokens) => ['```ts\n', ...repeat(line, tokens)]
};

/** One answer as people read them: prose, code, a table and a list; some 300 tokens. */
export function mixed(index: number): string {
	const number = String(index);
	return `## Section ${number}

The **river** at \`kilometre ${number}\` is slow and broad, and [nobody](https://example.com/${number}) knows how deep it is. It was measured once, by a man with a rope, who wrote down the figure and lost the paper on his way home; since then it has been guessed at.

It carries what the hills give it: sand, leaves, the odd boat. In spring it is brown, in summer green, and in winter there are mornings when it is not there at all, only a white road of fog that ends at the bridge.

\`\`\`ts
const depth${number} = measure({ kilometre: ${number}, rope: 'short' });
if (depth${number} === undefined) throw new Error('The rope was too short.');
console.log(depth${number});
\`\`\`

| month | depth | colour |
| --- | --: | --- |
| April | ${number}.2 m | brown |
| July | ${number}.1 m | green |

1. Take a rope.
2. Take a *longer* rope.
3. Write the figure down, twice.

`;
}

function item(index: number, sentences: number): string {
	return `- Item ${String(index)}: ${'It has more to say than items have. '.repeat(sentences)}\n`;
}

function line(index: number): string {
	return `const line${String(index)} = await river.measure(${String(index)});\n`;
}

function repeat(make: (index: number) => string, count: number): string[] {
	const tokens: string[] = [];
	for (let index = 0; tokens.length < count; index += 1) {
		tokens.push(...(make(index).match(/[\s\S]{1,5}/g) ?? []));
	}
	return tokens.slice(0, count);
}
