import type { BodyView } from '../../../core/model/app.ts';
import { compareFacts, type TextDifference } from './compare.ts';

/** Lines of a comparison that the window shows of one body. */
const MOST_LINES = 200;
const MOST_CHARS = 400;
const MOST_LEAVES = 20_000;

/**
 * What differs between two bodies: by the places of their values where both are JSON or forms, else by their lines.
 * @param mark stands before each line: `←` for answers, `→` for requests
 */
export function compareBodies(left: BodyView, right: BodyView, mark: string): TextDifference[] {
  if (left.text === undefined || right.text === undefined) {
    return left.base64 === right.base64 && left.text === right.text
      ? []
      : [{ at: `${mark} body`, left: bytesWords(left), right: bytesWords(right) }];
  }
  if (left.text === right.text) return [];
  const [a, b] = [structureOf(left), structureOf(right)];
  if (a !== undefined && b !== undefined) {
    const lines = compareFacts(leavesOf(a, mark), leavesOf(b, mark)).slice(0, MOST_LINES);
    // The same values in another order or spelling.
    if (lines.length > 0) return lines;
  }
  return compareLines(left.text, right.text, mark);
}

function bytesWords({ size, text }: BodyView): string {
  return text === undefined ? `${size} B` : cut(text);
}

/** A body's values, where its type or its form says that it is JSON or a form. */
function structureOf({ text = '', contentType }: BodyView): unknown {
  if (contentType?.startsWith('application/x-www-form-urlencoded') === true) {
    const fields = new URLSearchParams(text);
    return Object.fromEntries(
      [...new Set(fields.keys())].map((name) => {
        const values = fields.getAll(name);
        return [name, values.length === 1 ? values[0] : values];
      }),
    );
  }
  if (!/json/i.test(contentType ?? '') && !/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Each value that holds no others, as JSON, by its place. */
function leavesOf(value: unknown, mark: string): Map<string, string> {
  const leaves = new Map<string, string>();
  const open: { value: unknown; at: string }[] = [{ value, at: '' }];
  for (let next = open.pop(); next !== undefined && leaves.size < MOST_LEAVES; next = open.pop()) {
    const { value: one, at } = next;
    const inner = Array.isArray(one)
      ? one.map((child: unknown, i) => ({ value: child, at: `${at}[${i}]` }))
      : typeof one === 'object' && one !== null
        ? Object.entries(one).map(([key, child]) => ({ value: child as unknown, at: at === '' ? key : `${at}.${key}` }))
        : [];
    if (inner.length === 0) leaves.set(at === '' ? `${mark} body` : `${mark} body ${at}`, cut(JSON.stringify(one)));
    else open.push(...inner.reverse());
  }
  return leaves;
}

/** Lines that only one of the two has, in their order, by the longest common subsequence. */
function compareLines(left: string, right: string, mark: string): TextDifference[] {
  const a = left.split('\n');
  const b = right.split('\n');
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [was, is] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const name = (line: number) => (a.length === 1 && b.length === 1 ? `${mark} body` : `${mark} body line ${line + 1}`);
  if (was.length * is.length > 1_000_000) {
    return [{ at: name(start), left: cut(was.join('\n')), right: cut(is.join('\n')) }];
  }
  const lines: TextDifference[] = [];
  for (const { from, old, fresh } of hunks(was, is)) {
    for (let i = 0; i < Math.max(old.length, fresh.length) && lines.length < MOST_LINES; i += 1) {
      const [before, after] = [old[i], fresh[i]];
      lines.push({
        at: name(start + from + i),
        ...(before === undefined ? {} : { left: cut(before) }),
        ...(after === undefined ? {} : { right: cut(after) }),
      });
    }
  }
  return lines;
}

interface Hunk {
  /** Line of the left side at which it begins. */
  readonly from: number;
  readonly old: string[];
  readonly fresh: string[];
}

function hunks(was: readonly string[], is: readonly string[]): Hunk[] {
  const width = is.length + 1;
  const common = new Uint32Array((was.length + 1) * width);
  for (let i = was.length - 1; i >= 0; i -= 1) {
    for (let j = is.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        was[i] === is[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
    }
  }
  const found: Hunk[] = [];
  let open: Hunk | undefined;
  let [i, j] = [0, 0];
  while (i < was.length || j < is.length) {
    if (i < was.length && j < is.length && was[i] === is[j]) {
      open = undefined;
      i += 1;
      j += 1;
      continue;
    }
    if (open === undefined) found.push((open = { from: i, old: [], fresh: [] }));
    const takeOld =
      j >= is.length || (i < was.length && (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0));
    if (takeOld) open.old.push(was[i++] ?? '');
    else open.fresh.push(is[j++] ?? '');
  }
  return found;
}

function cut(text: string): string {
  return text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS)}…` : text;
}
