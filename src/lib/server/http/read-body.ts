import { z } from 'zod';
import { Refusal } from './refuse.ts';

const MEGABYTE = 1_000_000;
/** What all bodies together may take while they arrive, in bytes: many may arrive slowly, and at once. */
const MOST_BEING_READ = 256 * MEGABYTE;
let beingRead = 0;
/** The longest question, in characters. */
export const MAX_TEXT = 100_000;

/** A question: what routes that start a run take. */
export const Text = z
	.string({ error: 'must be text' })
	.max(MAX_TEXT, `may have at most ${MAX_TEXT.toLocaleString('en')} characters`)
	.refine((text) => text.trim() !== '', 'must not be empty');

/**
 * A list that is read up to its first item that does not fit. Of millions that do not, zod's own
 * tells each, in gigabytes and half a minute.
 */
export function listOf<T>(
	item: z.ZodType<T>,
	{ min = 0, error = 'must be a list' }: { min?: number; error?: string } = {}
) {
	const list = z.array(z.unknown(), { error }).min(min, 'must not be empty');
	return list.transform((values, context): T[] => {
		const items: T[] = [];
		for (const [index, value] of values.entries()) {
			const result = item.safeParse(value);
			if (!result.success) {
				for (const { path, message } of result.error.issues) {
					context.addIssue({ code: 'custom', path: [index, ...path], message });
				}
				return z.NEVER;
			}
			items.push(result.data);
		}
		return items;
	});
}

/**
 * Reads a JSON body and parses it.
 *
 * @throws {Refusal} 413 over `limit` bytes, 415 for another media type, 400 for what is no JSON,
 * 422 with the field and the rule for JSON that does not fit
 */
export async function readBody<T>(
	request: Request,
	schema: z.ZodType<T>,
	limit = MEGABYTE
): Promise<T> {
	const type = request.headers.get('content-type') ?? '';
	if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) {
		throw new Refusal(
			415,
			'unsupported-media-type',
			'Send JSON, with the header content-type: application/json.'
		);
	}

	const text = await readText(request, limit);
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw new Refusal(400, 'bad-json', 'The body is not valid JSON.');
	}
	return parse(schema, value);
}

/**
 * @param within the field of the request that the value stands in, if it is not the body
 * @throws {Refusal} 422 with the field and the rule when the value does not fit
 */
export function parse<T>(schema: z.ZodType<T>, value: unknown, within?: string): T {
	const result = schema.safeParse(value);
	if (result.success) return result.data;

	const issue = result.error.issues[0];
	const field = [...(within ? [within] : []), ...(issue?.path ?? [])].join('.');
	const code = issue?.code === 'too_big' && issue.origin === 'string' ? 'text-too-long' : 'invalid';
	throw new Refusal(422, code, `${field || 'The body'}: ${issue?.message ?? 'not usable'}.`, field);
}

/** What cannot be taken is read to its end all the same: a client that still sends hears no answer. */
async function readText(request: Request, limit: number): Promise<string> {
	const decoder = new TextDecoder();
	let text = '';
	let kept = 0;
	let refusal: Refusal | undefined;
	try {
		for await (const chunk of request.body ?? []) {
			const size = chunk.byteLength;
			if (kept + size > limit) refusal = tooLarge(limit);
			else if (beingRead + size > MOST_BEING_READ) refusal ??= tooBusy();
			if (refusal) continue;
			beingRead += size;
			kept += size;
			text += decoder.decode(chunk, { stream: true });
		}
	} catch (cause) {
		// the adapter has a limit of its own
		throw isTooLarge(cause) ? tooLarge(limit) : cause;
	} finally {
		beingRead -= kept;
	}
	if (refusal) throw refusal;
	return text + decoder.decode();
}

function isTooLarge(cause: unknown): boolean {
	return typeof cause === 'object' && cause !== null && 'status' in cause && cause.status === 413;
}

function tooBusy(): Refusal {
	return new Refusal(
		503,
		'too-busy',
		'The server is reading as much as it can hold. Try again in a moment.'
	);
}

function tooLarge(limit: number): Refusal {
	const megabytes = (limit / MEGABYTE).toLocaleString('en');
	return new Refusal(413, 'body-too-large', `The body may have at most ${megabytes} MB.`);
}
