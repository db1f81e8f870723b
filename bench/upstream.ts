import { parseArgs } from 'node:util';
import type { Reply } from '../tests/upstream/reply.ts';
import { startUpstream } from '../tests/upstream/upstream.ts';

/** The fake model server as a process; each message it is sent is the rate of the answers to come. */
const { values } = parseArgs({ options: { tokens: { type: 'string', default: '200' } } });
const text = Array.from({ length: Number(values.tokens) }, (_, index) => ` word${String(index)}`);
const reply: Reply = { steps: [{ text }] };

const upstream = await startUpstream({ reply });
process.on('message', (rate: number | null) => {
	if (rate === null) delete reply.rate;
	else reply.rate = rate;
	upstream.requests.length = 0;
	process.send?.('set');
});
console.log(upstream.url);
