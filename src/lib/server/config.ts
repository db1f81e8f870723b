import { z } from 'zod';
import { checkJwt } from './config-jwt.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const milliseconds = z.coerce.number().int().min(0).max(3_600_000);
const count = z.coerce.number().int().min(1).max(1_000_000);
const list = z.string().transform((text) =>
	text
		.split(',')
		.map((item) => item.trim())
		.filter(Boolean)
);
const url = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });

/** Every variable that Runnel reads, with its default. `.env.example` says why one would set it. */
const Environment = z.object({
	HOST: z.string().min(1).default('127.0.0.1'),
	PORT: port.default(3000),
	DATABASE_URL: z
		.string()
		.regex(/^(file:.+|:memory:)$/, 'must be file:PATH or :memory:')
		.default('file:data/runnel.db'),
	OPENAI_API_KEY: z.string().min(1).optional(),
	OPENAI_BASE_URL: url.optional(),
	OPENAI_API: z.enum(['responses', 'chat_completions']).default('responses'),
	OPENAI_MODEL: z.string().min(1).default('gpt-5.6-luna'),
	FLUSH_MS: milliseconds.default(40),
	KEEP_ALIVE_MS: milliseconds.min(10).default(15_000),
	STALL_TIMEOUT_MS: milliseconds.min(10).default(60_000),
	MODEL_IDLE_TIMEOUT_MS: milliseconds.min(10).default(60_000),
	MAX_TURNS: z.coerce.number().int().min(1).max(1000).default(10),
	MAX_STREAMS: count.default(5000),
	MAX_STREAMS_PER_OWNER: count.default(200),
	MAX_RUNS: count.default(2000),
	MAX_RUNS_PER_OWNER: count.default(50),
	ORIGIN: url.optional(),
	ALLOWED_ORIGINS: list.pipe(z.array(url)).default([]),
	ALLOWED_HOSTS: list.default([]),
	RUNNEL_API_KEYS: list.default([]),
	AUTH_JWT_SECRET: z.string().optional(),
	AUTH_JWT_PUBLIC_KEY: z.string().optional(),
	AUTH_JWKS_URL: url.optional(),
	AUTH_JWT_ISSUER: z.string().optional(),
	AUTH_JWT_AUDIENCE: z.string().optional()
});

export type Config = z.infer<typeof Environment>;

/** The names of all variables, for the test that holds the documentation against them. */
export const VARIABLES = Object.keys(Environment.shape);

/**
 * Parses the environment. An empty variable counts as not set.
 *
 * @throws {Error} with a sentence that names the variable and what it must be, never its value
 */
export function parseConfig(env: Record<string, string | undefined>): Config {
	const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
	const result = Environment.superRefine(checkJwt).safeParse(set);
	if (result.success) return result.data;

	const sentences = result.error.issues.map(
		(issue) => `${String(issue.path[0])} is not usable: ${issue.message}.`
	);
	throw new Error(
		`${sentences.join('\n')}\nMend it in the environment or in .env, and start again.`
	);
}
