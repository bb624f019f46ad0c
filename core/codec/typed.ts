/** Typed JSON in one place: everything here runs in the window too (no `node:` module behind it). */
export { abbreviate, toNotation } from './abbreviate.ts';
export { dictNode, intNode, listNode, strNode } from './nodes.ts';
export { describeType, sizeOf, summarise } from './summarise.ts';
export { typedEqual } from './typed-equal.ts';
export { isTypedNode, parseTyped } from './typed-parse.ts';
export { fromPlainJson, toPlain } from './typed-plain.ts';
export { valueFromText } from './value-text.ts';
