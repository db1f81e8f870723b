/** Runs once before the tests, of Vitest and of Playwright: many start the built server, and none should build it. */
export { buildWhenStale as default } from '../src/build.ts';
