import { dangerOfName } from './danger-names.ts';
import { isEnumCall } from './enum-call.ts';
import { KNOWN } from './known.ts';
import type { PickleNode } from './node.ts';
import * as K from './node.ts';
import type { ReaderState } from './reader-state.ts';
import { textOf } from './reader-text.ts';
import { nameOf } from './typed-parts.ts';

/** One thing that loading the stream would do or prepare. */
export interface DangerFinding {
  /** `danger`: known to give control; `warning`: runs or prepares something unknown; `info`: worth knowing. */
  readonly severity: 'info' | 'warning' | 'danger';
  /** What would happen, such as `calls os.system("…")`. */
  readonly what: string;
  readonly reason: string;
  /** Byte offset of the value. */
  readonly at: number;
}

/** Well-known classes that are safe to make instances of whatever the arguments; matched by full name only. */
const HARMLESS_FACTORIES = new Set(
  ['list', 'dict', 'set', 'int', 'float', 'str', 'bool', 'tuple', 'bytes', 'frozenset', 'complex'].map(
    (name) => `builtins.${name}`,
  ),
);
for (const name of ['OrderedDict', 'Counter', 'deque', 'defaultdict']) HARMLESS_FACTORIES.add(`collections.${name}`);
const MOST = 500;

/** All findings, in order of the bytes. Nothing is trusted because of the module it comes from. */
export function findDangers(r: ReaderState): readonly DangerFinding[] {
  const found: DangerFinding[] = [];
  const called = new Set<PickleNode>();
  for (const node of r.calls) {
    if (node.more?.func !== undefined) called.add(node.more.func);
    found.push(ofCall(r, node));
  }
  for (const { node, at } of r.builds) found.push(...ofBuild(r, node, at));
  for (const node of r.globals) {
    if (called.has(node)) continue;
    const { module = '', name = '', known = 0 } = node.more ?? {};
    const reason = dangerOfName(module, name);
    if (known !== 0 || node.lo === 1) continue;
    const what = `refers to ${module}.${name}`;
    if (reason !== undefined) {
      found.push({ severity: 'warning', what, reason: `not called while loading, but it ${reason}`, at: node.start });
    } else {
      found.push({ severity: 'info', what, reason: 'the module is imported to find it', at: node.start });
    }
  }
  for (const node of factories(r)) {
    const name = nameOf(node);
    if (HARMLESS_FACTORIES.has(name)) continue;
    const severity = dangerOfName(node.more?.module ?? '', node.more?.name ?? '') === undefined ? 'warning' : 'danger';
    found.push({
      severity,
      what: `keeps ${name} as factory of a defaultdict`,
      reason: 'runs when a missing key is asked for',
      at: node.start,
    });
  }
  const rest = r.bytes.length - r.end;
  if (rest > 0) {
    found.push({
      severity: 'info',
      what: `${rest} bytes follow the end`,
      reason: 'they are never read by pickle.loads',
      at: r.end,
    });
  }
  found.sort((a, b) => a.at - b.at);
  if (found.length <= MOST) return found;
  const worst = [...found].sort((a, b) => RANK[b.severity] - RANK[a.severity]).slice(0, MOST);
  return worst.sort((a, b) => a.at - b.at);
}

const RANK = { info: 0, warning: 1, danger: 2 } as const;

function ofCall(r: ReaderState, node: PickleNode): DangerFinding {
  const at = node.start;
  const { func, args } = node.more ?? {};
  if (node.kind === K.EXTENSION) {
    return {
      severity: 'warning',
      what: `takes extension code ${node.lo}`,
      reason: 'what it stands for is registered in the program that loads it',
      at,
    };
  }
  if (node.kind === K.PERSISTENT) {
    return {
      severity: 'warning',
      what: 'asks for a persistent id',
      reason: 'the program that loads it decides what that gives',
      at,
    };
  }
  if (func === undefined || func.kind !== K.GLOBAL) {
    const reason = 'the function is itself the result of a call, so its name does not tell what runs';
    return { severity: 'danger', what: 'calls a computed function', reason, at };
  }
  const { module = '', name = '', known = 0 } = func.more ?? {};
  const reason = dangerOfName(module, name);
  const shown = `${module}.${name}${argumentsText(r, args)}`;
  if (node.kind === K.OBJECT) {
    const what = `makes ${shown}`;
    if (reason !== undefined && known !== KNOWN.UUID)
      return { severity: 'danger', what, reason: `the class ${reason}`, at };
    const lazy = args?.items?.some((arg) => arg.kind === K.OBJECT || arg.kind === K.REDUCE) ?? false;
    if (lazy && module === 'builtins')
      return { severity: 'danger', what, reason: 'goes through a computed object, which may call functions', at };
    if (known !== 0) return { severity: 'info', what, reason: 'a well-known class', at };
    return { severity: 'info', what, reason: 'imports the module and runs `__new__` of the class', at };
  }
  if (/(Error|Exception|Warning)$/.test(name) && module === 'builtins') {
    return { severity: 'info', what: `makes ${shown}`, reason: 'an exception object', at };
  }
  if (module === '_operator' && name === 'or_')
    return { severity: 'info', what: `calls ${shown}`, reason: 'combines flags of an enumeration', at };
  if (isEnumCall(node))
    return {
      severity: 'info',
      what: `makes ${shown}`,
      reason: 'looks like a member of an enumeration; imports its module',
      at,
    };
  if (reason !== undefined) return { severity: 'danger', what: `calls ${shown}`, reason, at };
  return {
    severity: 'warning',
    what: `calls ${shown}`,
    reason: 'what it does depends on the program that loads it',
    at,
  };
}

function* ofBuild(r: ReaderState, node: PickleNode, at: number): Generator<DangerFinding> {
  if (node.kind === K.GLOBAL) {
    yield {
      severity: 'danger',
      what: `changes attributes of ${nameOf(node)}`,
      reason: 'a class or function is altered for the whole program',
      at,
    };
    return;
  }
  const holders = [node.more?.dict, node.kind >= K.STORAGE ? node : undefined, ...(node.more?.states ?? [])];
  for (const holder of holders) {
    const items = holder?.items ?? [];
    for (let i = 0; i + 1 < items.length; i += 2) {
      if (textOf(r, items[i] as PickleNode) !== '__setstate__') continue;
      const value = items[i + 1] as PickleNode;
      const what = `calls ${value.kind === K.GLOBAL ? nameOf(value) : 'a value of the stream'} as __setstate__`;
      yield { severity: 'danger', what, reason: 'the stream itself gives the function that BUILD calls', at };
      return;
    }
  }
}

function* factories(r: ReaderState): Generator<PickleNode> {
  const seen = new Set<PickleNode>();
  const queue: PickleNode[] = r.root === undefined ? [] : [r.root];
  if (!r.globals.some((node) => node.more?.known === KNOWN.defaultdict)) return;
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    const more = node.more;
    if (more?.factory?.kind === K.GLOBAL) yield more.factory;
    for (const item of node.items ?? []) if (item.kind >= K.TUPLE) queue.push(item);
    for (const part of [more?.list, more?.dict, more?.args, ...(more?.states ?? [])]) {
      if (part !== undefined) queue.push(part);
    }
  }
}

/** The arguments for people, cut short. */
function argumentsText(r: ReaderState, args: PickleNode | undefined): string {
  if (args?.kind !== K.TUPLE) return '(…)';
  const parts = (args.items ?? []).slice(0, 4).map((arg) => short(r, arg));
  if ((args.items?.length ?? 0) > 4) parts.push('…');
  return `(${parts.join(', ')})`;
}

function short(r: ReaderState, node: PickleNode): string {
  const text = textOf(r, node);
  if (text !== undefined) return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  if (node.kind === K.INT) return String(node.lo);
  if (node.kind === K.GLOBAL) return nameOf(node);
  return node.kind === K.NONE ? 'None' : '…';
}
