import { parseArgs } from 'node:util';
import { startUpstream } from './upstream.ts';

/**
 * The fake upstream as a process: `node tests/upstream/main.ts --port 0 --tokens 200 --rate 50`.
 * Every answer has that many tokens, at that many a second (0: as fast as it goes). It prints its
 * base URL on the first line and ends on SIGTERM.
 */
const { values } = parseArgs({
	options: {
		port: { type: 'string', default: '0' },
		tokens: { type: 'string', default: '200' },
		rate: { type: 'string', default: '50' },
		delay: { type: 'string', default: '0' }
	}
});

const rate = Number(values.rate);
const text = Array.from({ length: Number(values.tokens) }, (_, index) => ` word${String(index)}`);
const upstream = await startUpstream({
	port: Number(values.port),
	reply: {
		steps: [{ text }],
		delay: Number(values.delay),
		...(rate > 0 ? { rate } : {})
	}
});
console.log(upstream.url);
