import type { PathStep } from '../model/path.ts';
import type { TypedNode } from '../model/typed.ts';
import { visible } from '../model/visible.ts';
import { children, formatPath } from './path.ts';
import { idOf } from './shape.ts';
import { describeType, sizeOf, summarise } from './summarise.ts';

export interface OutlineOptions {
  /** Most lines; the rest is counted on a last line. Default 1000. */
  readonly lines?: number;
  /** Longest text of one value, in characters. Default 100. */
  readonly width?: number;
}

/** A value as indented lines with the type of each member, for terminals and plain-text reports. */
export function outline(root: TypedNode, options: OutlineOptions = {}): string {
  const most = options.lines ?? 1000;
  const lines: string[] = [];
  let left = 0;
  const open: [node: TypedNode, label: string, depth: number][] = [[root, '', 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (lines.length >= most) {
      left += 1;
      continue;
    }
    const [node, label, depth] = next;
    lines.push(`${'  '.repeat(depth)}${label}${describe(node, options.width ?? 100)}`);
    const inner = [...children(node)].map(([step, child]): [TypedNode, string, number] => [
      child,
      `${labelOf(step)}: `,
      depth + 1,
    ]);
    if (isLeaf(node)) continue;
    // A stack gives back the last one first.
    for (const one of inner.reverse()) open.push(one);
  }
  if (left > 0) lines.push(`… and ${left} more members`);
  return lines.join('\n');
}

function labelOf(step: PathStep): string {
  return visible(formatPath([step]));
}

/** Kinds whose inside is told on their own line. */
function isLeaf(node: TypedNode): boolean {
  return !('v' in node && Array.isArray(node.v)) && node.t !== 'object' && node.t !== 'reduce';
}

function describe(node: TypedNode, width: number): string {
  const id = idOf(node);
  const mark = id === undefined ? '' : ` #${id}`;
  if (!isLeaf(node)) {
    const size = sizeOf(node);
    const call = node.t === 'reduce' ? 'a call of ' : '';
    return `${call}${describeType(node)}${size === undefined ? '' : `(${size})`}${mark}`;
  }
  const type = describeType(node);
  const text = summarise(node, width);
  const told = node.t === 'none' || /^[(.]/.test(text.startsWith(type) ? text.slice(type.length) : '');
  return told ? `${text}${mark}` : `${type} ${text}${mark}`;
}
