/** Markdown as models write it, and as nobody should: what the tests cut into deltas. */
export const corpus: Record<string, string> = {
	paragraphs:
		'One **bold** word, `code` and _more_.\nSame paragraph.\n\nAnother, with ~~old~~ text.\n',
	headings: '# One\n## Two ##\nText\n### Three\n\nSetext\n======\n\nOther\n---\ntext\n\n---\n\nend',
	fences:
		'Before\n```js\nconst a = 1;\n\n// ``` not the end\nconst b = `x`;\n```\nafter\n\n~~~\nplain\n~~~\n',
	fenceInside: '````md\n```js\nlet x\n```\n````\n\n```\nopen to the end\n\n  two',
	indented: 'Text\n\n    code one\n\n    code two\n\nText\n',
	tightList: '- one\n- two **bold**\n  still two\n- three\n\nAfter\n',
	looseList: '1. one\n\n2. two\n\n   second paragraph\n3. three\n\nAfter\n',
	lateLoose: '- a\n- b\n- c\n\n- d\n- e\n\nend',
	nested: '- a\n  - b\n    - c\n  - d\n- e\n  1. f\n  2. g\n\n* other list\n* more\n',
	tasks: '- [ ] open\n- [x] done **well**\n- none\n',
	listCode:
		'1. Install:\n\n   ```sh\n   npm ci\n\n   npm start\n   ```\n\n2. Look\n\n   > quoted\n\nDone.',
	startsAt: '7) seven\n8) eight\n\n3. three\n4. four\n',
	table:
		'A table:\n\n| a | b |\n|:--|--:|\n| 1 | **2** |\n| `x` | [l](https://e.org) |\n| half |\n\nAfter\n',
	bareTable: 'a | b\n--|--\n1 | 2\n3 | 4\n# heading\n',
	quote: '> one\n> two\nlazy\n>\n> > deep\n> - list\n> - list\n\n> other\n\nend',
	links:
		'See [this](https://a.org "t") and <https://b.org>, www.c.org, ![pic](https://d.org/x.png).\n\n[no](javascript:alert(1)) [1] [x]\n',
	html: 'Text with <b>tag</b> and <br>.\n\n<div>\n<p>block</p>\n</div>\n\n<!-- comment\n\nstill --> after\n\nend',
	entities: 'a &lt; b &amp; c &nbsp; &#65; &unknown; \\* \\_ 5 * 3 * 2 a_b_c\n',
	breaks: 'line one  \nline two\\\nline three\n',
	marks: '**\n\n*\n\n- \n\n1.\n\n#\n\n`\n\n~~\n\n>\n\n|\n\n[\n\n![\n\n](\n',
	crlf: 'One\r\n\r\n- a\r\n- b\r\n\r\n```\r\ncode\r\n```\r\nend\r\n',
	early:
		'[ref]: https://e.org "T"\n\nSee [ref], [words][ref] and ![img][ref].\n\n- [ref]\n- b\n- [ref]\n',
	arabic: 'سؤال **مهم** عن `code`.\n\n- أول\n- ثان\n',
	rules: '***\n\n- - -\n\n* * *\n\n- a\n- - -\n\ntext\n***\ntext'
};

/** What can only be known at the end: the first delta's reading is not the last one's. */
export const late: Record<string, string> = {
	definition: 'See [ref] and [words][ref].\n\n- [ref]\n- b\n- c\n\nMore.\n\n[ref]: https://e.org\n',
	tag: 'Text\n\n<foo\n\nbar>\n\n**text**\n'
};
