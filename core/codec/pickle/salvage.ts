import * as K from './node.ts';
import { moreOf, PickleNode, textNode } from './node.ts';
import type { ReaderState } from './reader-state.ts';

/** Ends the reading before STOP: what was built so far becomes the value, with a mark of the limit at the end. */
export function salvage(r: ReaderState, what: string, note: string, at: number): void {
  r.stopped = what;
  const limit = textNode(K.LIMIT, at, at, what);
  moreOf(limit).name = note;
  r.push(limit, at);
  while (r.stack.length > 1) {
    let from = r.marks.pop() ?? r.stack.length - 1;
    if (from === 0) from = 1;
    const below = r.stack[from - 1] as PickleNode;
    if (below.kind === K.DICT || below.kind >= K.STORAGE) {
      const missing = (r.stack.length - from) % 2 !== 0;
      if (missing && r.stack[r.stack.length - 1] === limit) r.stack.splice(-1, 0, limit);
      else if (missing) r.stack.push(limit);
      r.starts.length = r.stack.length;
      r.moveUp(below, from, -1, at);
    } else if (below.kind === K.LIST || below.kind === K.TUPLE || below.kind === K.SET || below.kind === K.DEQUE) {
      r.moveUp(below, from, -1, at);
    } else {
      const list = new PickleNode(K.LIST, at, at, 0, 0);
      list.items = r.stack.slice(from - 1);
      list.starts = r.starts.slice(from - 1);
      r.cut(from - 1);
      r.push(list, at);
    }
    r.fence = 0;
  }
  r.root = r.stack[0] as PickleNode;
  r.rootStart = r.starts[0] as number;
  r.end = at;
}
