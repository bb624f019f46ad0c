import { dangerOfName } from './danger-names.ts';
import { isEnumCall } from './enum-call.ts';
import { KNOWN } from './known.ts';
import type { PickleNode } from './node.ts';
import * as K from './node.ts';
import type { ReaderState } from './reader-state.ts';
import { textOf } from './reader-text.ts';
import { utf8Text } from './text.ts';
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
  /** About bytes behind the end of the pickle, which loading never reads. */
  readonly beyondEnd?: true;
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
  r.limits.spend(4 * (r.calls.length + r.builds.length + r.globals.length));
  const found = new Findings();
  const called = new Set<PickleNode>();
  for (const node of r.calls) {
    if (node.more?.func !== undefined) called.add(node.more.func);
    found.push(ofCall(r, node));
  }
  const setters = new Setters(r);
  // An object that gets many states is looked at once.
  const built = new Set<PickleNode>();
  for (const { node, at } of r.builds) {
    if (built.has(node)) continue;
    built.add(node);
    const finding = ofBuild(setters, node, at);
    if (finding !== undefined) found.push(finding);
  }
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
      beyondEnd: true,
    });
  }
  return found.worst();
}

/** Of each severity the first ones, so that a flood of harmless findings hides no danger and costs no memory. */
class Findings {
  readonly #found = { danger: [] as DangerFinding[], warning: [] as DangerFinding[], info: [] as DangerFinding[] };

  push(finding: DangerFinding): void {
    const list = this.#found[finding.severity];
    if (list.length < MOST) list.push(finding);
  }

  worst(): DangerFinding[] {
    const { danger, warning, info } = this.#found;
    return [...danger, ...warning, ...info].slice(0, MOST).sort((a, b) => a.at - b.at);
  }
}

/** Finds `__setstate__` among the keys of dicts; each dict is looked through once, however often it is used. */
class Setters {
  readonly #r: ReaderState;
  readonly #known = new Map<PickleNode, PickleNode | undefined>();

  constructor(r: ReaderState) {
    this.#r = r;
  }

  /** The value of the key `__setstate__`. */
  of(holder: PickleNode): PickleNode | undefined {
    if (this.#known.has(holder)) return this.#known.get(holder);
    const items = holder.items ?? [];
    this.#r.limits.spend(items.length);
    let found: PickleNode | undefined;
    for (let i = 0; i + 1 < items.length && found === undefined; i += 2) {
      const key = items[i] as PickleNode;
      const length = key.kind === K.TEXT ? (key.more?.text?.length ?? 0) : key.hi - key.lo;
      if (length === SETTER.length && textOf(this.#r, key) === SETTER) found = items[i + 1];
    }
    this.#known.set(holder, found);
    return found;
  }
}

const SETTER = '__setstate__';

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

function ofBuild(setters: Setters, node: PickleNode, at: number): DangerFinding | undefined {
  if (node.kind === K.GLOBAL) {
    return {
      severity: 'danger',
      what: `changes attributes of ${nameOf(node)}`,
      reason: 'a class or function is altered for the whole program',
      at,
    };
  }
  const holders = [node.more?.dict, node.kind >= K.STORAGE ? node : undefined, ...(node.more?.states ?? [])];
  for (const holder of holders) {
    const value = holder === undefined ? undefined : setters.of(holder);
    if (value === undefined) continue;
    const what = `calls ${value.kind === K.GLOBAL ? nameOf(value) : 'a value of the stream'} as __setstate__`;
    return { severity: 'danger', what, reason: 'the stream itself gives the function that BUILD calls', at };
  }
  return undefined;
}

function* factories(r: ReaderState): Generator<PickleNode> {
  const seen = new Set<PickleNode>();
  const queue: PickleNode[] = r.root === undefined ? [] : [r.root];
  if (!r.globals.some((node) => node.more?.known === KNOWN.defaultdict)) return;
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    r.limits.spend(1 + (node.items?.length ?? 0) + (node.more?.states?.length ?? 0));
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

/** Enough of a text to be cut at 80 characters: the whole of it may be long, and be an argument of every call. */
function beginningOf(r: ReaderState, node: PickleNode): string | undefined {
  if (node.kind !== K.UTF8 || node.hi - node.lo <= 400) return textOf(r, node);
  let end = node.lo + 400;
  while (end > node.lo && ((r.bytes[end] as number) & 0xc0) === 0x80) end -= 1;
  return utf8Text(r.bytes, node.lo, end);
}

function short(r: ReaderState, node: PickleNode): string {
  const text = beginningOf(r, node);
  if (text !== undefined) return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  if (node.kind === K.INT) return String(node.lo);
  if (node.kind === K.GLOBAL) return nameOf(node);
  return node.kind === K.NONE ? 'None' : '…';
}
