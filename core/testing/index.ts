/** The module `sessionscope/test`: a proxy with a store for tests of web applications. */

export { type SessionMatchers, sessionMatchers } from './matchers.ts';
export { type OpenOptions, openSessionscope, type Sessionscope } from './open.ts';
export type { Survival, TestSession } from './test-session.ts';
