/** A stretch of the river: what it is called, and what is found there. */
interface Stretch {
	title: string;
	here: string;
	water: string[];
	things: string[];
	life: string[];
	people: string[];
}

const STRETCHES: Stretch[] = [
	{
		title: 'The spring',
		here: 'at the spring',
		water: ['the water', 'a thread of water', 'the young stream'],
		things: [
			'a ring of stones',
			'the moss',
			'an old pipe',
			'the wet grass',
			'a tin cup on a chain'
		],
		life: ['a wren', 'two beetles', 'a frog no larger than a thumbnail', 'a blackbird'],
		people: ['a shepherd', 'a woman with a map', 'a man looking for his hat']
	},
	{
		title: 'The brook',
		here: 'along the brook',
		water: ['the brook', 'the quick water', 'each little fall'],
		things: ['a plank bridge', 'the alder roots', 'a fence post', 'a flat grey stone', 'the bank'],
		life: ['a dipper', 'a row of ducklings', 'a trout', 'a water vole'],
		people: ['two children with a jar', 'a man mending a gate', 'a walker and her dog']
	},
	{
		title: 'The mill',
		here: 'by the mill',
		water: ['the mill race', 'the slow green pond', 'the water behind the sluice'],
		things: [
			'the wheel',
			'a heap of sacks',
			'the iron gate',
			'a door painted blue',
			'the worn step'
		],
		life: ['a grey wagtail', 'a cat asleep on the wall', 'the swallows', 'an eel'],
		people: ['the miller’s daughter', 'a carter', 'an old man who counted aloud']
	},
	{
		title: 'The meadows',
		here: 'in the meadows',
		water: ['the river', 'the long bend', 'the brown water'],
		things: ['a line of willows', 'a rowing boat', 'the hay', 'a broken oar', 'the towpath'],
		life: ['a heron', 'a dozen cows', 'the dragonflies', 'a hare'],
		people: ['the haymakers', 'a painter with a folding chair', 'a boy fishing']
	},
	{
		title: 'The town',
		here: 'in the town',
		water: ['the river', 'the dark water under the bridge', 'the current'],
		things: ['the quay', 'a stack of crates', 'the clock on the hall', 'a lamp', 'the railings'],
		life: ['the pigeons', 'a terrier', 'a pair of swans', 'the mayor’s dog'],
		people: ['a baker with flour on his sleeves', 'the ferryman', 'a clerk late for work']
	},
	{
		title: 'The marshes',
		here: 'in the marshes',
		water: ['the water', 'one channel after another', 'the tide'],
		things: ['the reeds', 'a duckboard', 'a leaning post', 'the old lock', 'a hut on stilts'],
		life: ['a bittern', 'a cloud of midges', 'the curlews', 'an otter'],
		people: ['a reed cutter', 'a man in a flat boat', 'a girl with binoculars']
	},
	{
		title: 'The sea',
		here: 'at the sea',
		water: ['the river', 'the last of the fresh water', 'the grey swell'],
		things: [
			'the sandbar',
			'a rusted buoy',
			'the harbour wall',
			'a coil of rope',
			'the lighthouse'
		],
		life: ['the gulls', 'a seal', 'a crab', 'an oystercatcher'],
		people: ['the harbour master', 'a woman painting a hull', 'three sailors']
	}
];

type Pick = (list: readonly string[]) => string;

const SENTENCES: ((at: Stretch, pick: Pick) => string)[] = [
	(at, pick) => `${pick(at.water)} ran past ${pick(at.things)} and did not stop`,
	(at, pick) => `${at.here} there was ${pick(HOURS)} light, and ${pick(at.life)} kept to the shade`,
	(at, pick) => `I met ${pick(at.people)} ${at.here}, and we spoke about ${pick(TALK)}`,
	(at, pick) => `beyond ${pick(at.things)} the ground was ${pick(GROUND)}, so I went slowly`,
	(at, pick) => `${pick(at.life)} watched me for as long as it took to ${pick(TASKS)}`,
	(at, pick) => `it smelled of ${pick(SMELLS)} ${at.here}, and a little of ${pick(SMELLS)}`,
	(at, pick) => `somebody had left ${pick(LEFT)} beside ${pick(at.things)}`,
	(at, pick) => `the wind came from the ${pick(QUARTERS)} and brought the sound of ${pick(SOUNDS)}`,
	(at, pick) => `I sat down near ${pick(at.things)} to ${pick(TASKS)}`,
	(at, pick) => `${pick(at.water)} was ${pick(MOODS)}, as water is when ${pick(WHEN)}`,
	(at, pick) => `if you listen to ${pick(at.water)} long enough, you hear ${pick(SOUNDS)} in it`,
	(at, pick) =>
		`${pick(at.people)} told me that it had been ${pick(MOODS)} here since ${pick(SINCE)}`,
	(at, pick) => `where ${pick(at.water)} turns, ${pick(at.life)} had found ${pick(FOUND)}`,
	(at, pick) => `I thought of ${pick(TALK)}, and then for a while of nothing`,
	(at, pick) =>
		`there are ${pick(NUMBERS)} ways to cross ${at.here}, and I took the ${pick(KINDS)} one`,
	(at, pick) => `by ${pick(at.things)} I counted ${pick(NUMBERS)} ${pick(COUNTED)}`
];

const HOURS = ['early', 'clear', 'late', 'slanting', 'soft', 'hard', 'silver'];
const TALK = [
	'the weather',
	'bread',
	'the price of wool',
	'floods',
	'names',
	'bridges',
	'distances'
];
const GROUND = ['soft', 'stony', 'covered in leaves', 'still wet', 'steep', 'full of small holes'];
const TASKS = [
	'eat an apple',
	'tie a lace',
	'draw a map',
	'read a page',
	'empty a shoe',
	'count to fifty'
];
const SMELLS = ['mint', 'mud', 'smoke', 'cut grass', 'tar', 'rain', 'old rope', 'apples', 'iron'];
const LEFT = ['a glove', 'a folded newspaper', 'half a loaf', 'a walking stick', 'a blue bottle'];
const QUARTERS = ['north', 'south', 'east', 'west', 'south-west', 'north-east'];
const SOUNDS = [
	'bells',
	'hammering',
	'somebody singing',
	'a train',
	'voices',
	'leaves',
	'a distant saw'
];
const MOODS = ['quiet', 'restless', 'colder than I had thought', 'high', 'patient', 'almost still'];
const WHEN = ['nobody needs it', 'the snow has gone', 'rain is on its way', 'the day is long'];
const SINCE = ['the spring', 'the last flood', 'before the war', 'Tuesday', 'the bridge was built'];
const FOUND = ['a dry place', 'something to eat', 'a way through', 'the sun', 'company'];
const NUMBERS = ['two', 'three', 'four', 'seven', 'nine', 'a dozen'];
const KINDS = ['short', 'dry', 'slow', 'wrong', 'pretty', 'steep'];
const COUNTED = ['boats', 'stones', 'steps', 'gates', 'feathers', 'rings in the water'];

const WORDS_A_STRETCH = 280;
const SENTENCES_A_PARAGRAPH = 5;

/** A walk down a river in about that many words. The same number gives the same walk. */
export function walk(words: number): string {
	const random = generator(words);
	const pick: Pick = (list) => list[Math.floor(random() * list.length)] ?? '';
	const stretchOf = Math.max(40, Math.min(WORDS_A_STRETCH, words / 2));
	const lines: string[] = [];
	let paragraph: string[] = [];
	let recent: number[] = [];
	let written = 0;
	let stretch = -1;

	const turnPage = () => {
		if (paragraph.length > 0) lines.push(paragraph.join(' '));
		paragraph = [];
	};
	while (written < words) {
		if (written >= (stretch + 1) * stretchOf) {
			turnPage();
			stretch += 1;
			lines.push(heading(stretch));
		}
		const at = STRETCHES[stretch % STRETCHES.length];
		if (!at) break;
		const shape = another(random, recent);
		recent = [...recent, shape].slice(-10);
		const sentence = SENTENCES[shape]?.(at, pick) ?? '';
		paragraph.push(`${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`);
		written += sentence.split(' ').length;
		if (paragraph.length >= SENTENCES_A_PARAGRAPH) turnPage();
	}
	turnPage();
	return lines.join('\n\n');
}

function heading(stretch: number): string {
	const day = Math.floor(stretch / STRETCHES.length);
	const title = STRETCHES[stretch % STRETCHES.length]?.title ?? '';
	return day === 0 ? `## ${title}` : `## ${title}, on day ${String(day + 1)}`;
}

/** The shape of a sentence that none of the last ones had. */
function another(random: () => number, recent: number[]): number {
	for (;;) {
		const shape = Math.floor(random() * SENTENCES.length);
		if (!recent.includes(shape)) return shape;
	}
}

/** Pseudo-random numbers from 0 to 1, the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}
