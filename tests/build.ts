/** Runs once before the tests: many of them start the built server, and none should build it. */
export { buildWhenStale as setup } from '../src/build.ts';
