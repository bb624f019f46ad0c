/** The module `sessionscope`: both of its libraries, under the names of their own modules. */

export * as webpy from '../frameworks/webpy/practice/web.ts';
export { ProblemError } from '../model/problem.ts';
export * as codec from './codec.ts';
