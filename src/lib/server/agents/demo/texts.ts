/** What the demo says about itself, and how to be rid of it. */
export const INTRODUCTION = `This is Runnel's **demo model**. It runs inside the server, needs no key and no network, and knows very little. It is here so that you can try the page.

Things to try:

* \`What time is it in Tokyo?\` calls a tool; \`What time is it, and what is 12*7+1?\` calls two at once
* \`Save a note: buy milk\` asks you before it writes anything
* \`Think about tea\` reasons before it answers
* \`Write 2000 words\` streams for a while: stop it, reload the page, or open it twice
* \`Show me everything\` has headings, lists, a table and code
* \`What did I ask first?\` looks back

To talk to a real model, set \`OPENAI_API_KEY\`, or \`OPENAI_BASE_URL\` for a server that speaks the same language (Ollama, vLLM, llama.cpp and others), and start Runnel again:

\`\`\`sh
OPENAI_API_KEY=... npm start
OPENAI_BASE_URL=http://127.0.0.1:11434/v1 OPENAI_API=chat_completions OPENAI_MODEL=llama3.2 npm start
\`\`\`
`;

/** A table with alignment. */
export const TABLE = `Some rivers, by their length:

| River | Continent | Length (km) | Ends in |
| :-- | :-- | --: | :-- |
| Nile | Africa | 6,650 | Mediterranean Sea |
| Amazon | South America | 6,400 | Atlantic Ocean |
| Yangtze | Asia | 6,300 | East China Sea |
| Danube | Europe | 2,850 | Black Sea |
| Murray | Australia | 2,508 | Southern Ocean |

Where a river begins is a matter of opinion, so the lengths are too.
`;

/** Code in two languages. */
export const CODE = `Here is a function that takes a stream of text apart into lines, however the pieces were cut:

\`\`\`ts
async function* lines(pieces: AsyncIterable<string>): AsyncGenerator<string> {
	let rest = '';
	for await (const piece of pieces) {
		const parts = (rest + piece).split('\\n');
		rest = parts.pop() ?? '';
		yield* parts;
	}
	if (rest) yield rest;
}
\`\`\`

The incomplete line is kept until its end arrives. The same in Python:

\`\`\`python
def lines(pieces):
    rest = ""
    for piece in pieces:
        *whole, rest = (rest + piece).split("\\n")
        yield from whole
    if rest:
        yield rest
\`\`\`

Call it with \`for await (const line of lines(pieces))\`, or with \`for line in lines(pieces)\`.
`;

/** Lists of every kind. */
export const LIST = `How to make a pot of tea:

1. Warm the pot with a little hot water, and pour it out again.
2. Put the leaves in:
   * a spoonful for each cup
   * one for the pot, if you like it strong
3. Pour on water that has *just* boiled. For green tea, let it cool to 80 °C.
4. Wait, with a lid on:
   - green: two minutes
   - black: four minutes

Before the guests come:

- [x] kettle
- [x] cups
- [ ] biscuits
`;

/** Formulas, for pages that set them. */
export const MATHS = `The two solutions of $ax^2 + bx + c = 0$ are

$$
x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}
$$

and for numbers there is a calculator: ask \`12*7+1\`.
`;

/** A farewell. */
export const THANKS =
	'You are welcome. The conversation stays here; come back to it whenever you like.';

/** All of Markdown that an answer may hold. */
export const EVERYTHING = `# A little of everything

Text can be **strong**, *stressed*, ~~withdrawn~~ or \`literal\`, and it can [lead elsewhere](https://svelte.dev).

> A quotation, which may be long enough
> to go over more than one line.

## A list

${LIST}
## A table

${TABLE}
## Code

${CODE}
---

That was a little of everything.
`;
