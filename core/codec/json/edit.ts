import type { Edit, Path, PathStep } from '../../model/path.ts';
import { problem } from '../../model/problem.ts';
import type { TypedNode } from '../../model/typed.ts';
import { concat, utf8 } from '../bytes.ts';
import { formatPath } from '../path.ts';
import type { JsonDocument, JsonMember, JsonNode } from './cst.ts';
import { type JsonStyle, styleOf } from './style.ts';
import { writeJson, writeKey } from './writer.ts';

export interface JsonEditOptions {
  readonly style?: JsonStyle;
  /** Objects are kept sorted by key (Flask): a new key goes to its place instead of the end. */
  readonly sortKeys?: boolean;
}

/** The value's place in the text; undefined when the path leads nowhere. The last of equal keys counts. */
export function findNode(document: JsonDocument, path: Path): JsonNode | undefined {
  let node: JsonNode | undefined = document.root;
  for (const step of path) node = node === undefined ? undefined : memberAt(node, step)?.node;
  return node;
}

/**
 * The text after the edits. Only the changed values, keys, and the commas around inserted and deleted members are
 * written; everything else stays byte for byte, white space and escapes included. New parts follow the text's style.
 */
export function editJson(document: JsonDocument, edits: readonly Edit[], options: JsonEditOptions = {}): Uint8Array {
  return edits.length === 0 ? document.bytes : new Editor(document, options).apply(edits);
}

interface Entry {
  /** The member as it stands in the text, and its number there; absent for a new one. */
  readonly old?: JsonMember;
  readonly place?: number;
  key?: TypedNode;
  value?: TypedNode;
}

interface Changed {
  readonly entries: Entry[];
  /** The members as they were, for the places that edits name. */
  readonly places: readonly Entry[];
}

class Editor {
  readonly #document: JsonDocument;
  readonly #options: JsonEditOptions;
  readonly #style: JsonStyle;
  readonly #changed = new Map<JsonNode, Changed>();
  /** Nodes with a change somewhere inside. */
  readonly #touched = new Set<JsonNode>();
  #root: TypedNode | undefined;

  constructor(document: JsonDocument, options: JsonEditOptions) {
    this.#document = document;
    this.#options = options;
    this.#style = options.style ?? styleOf(document);
  }

  apply(edits: readonly Edit[]): Uint8Array {
    for (const edit of edits) this.#one(edit);
    const { root, bytes } = this.#document;
    const pieces: Uint8Array[] = [bytes.subarray(0, root.start)];
    if (this.#root === undefined) this.#node(root, '', pieces);
    else pieces.push(utf8(writeJson(this.#root, this.#style)));
    pieces.push(bytes.subarray(root.end));
    return concat(pieces);
  }

  #one(edit: Edit): void {
    const last = edit.path.at(-1);
    if (last === undefined) {
      if (edit.op !== 'set') throw problem('bad-edit', `The whole value cannot be the target of "${edit.op}"`);
      this.#root = edit.value;
      return;
    }
    const container = this.#open(edit.path.slice(0, -1), edit.path);
    const changed = this.#changedOf(container);
    if (edit.op === 'insert') {
      this.#insert(container, changed, last, edit.value);
      return;
    }
    const entry = changed.places[indexOf(container, last)];
    if (entry === undefined) throw nothingAt(edit.path);
    if (edit.op === 'set') entry.value = edit.value;
    else if (edit.op === 'rename') entry.key = edit.key;
    else {
      const at = changed.entries.indexOf(entry);
      if (at < 0) throw nothingAt(edit.path);
      changed.entries.splice(at, 1);
      if (edit.op === 'move') changed.entries.splice(edit.to, 0, entry);
      else if (last.kind === 'key') this.#deleteEqual(changed, entry);
    }
  }

  /** With equal keys, deleting only the last would bring an earlier one to light. */
  #deleteEqual(changed: Changed, gone: Entry): void {
    for (let i = changed.entries.length - 1; i >= 0; i--) {
      const key = changed.entries[i]?.old?.key;
      if (key !== undefined && key.text === gone.old?.key?.text) changed.entries.splice(i, 1);
    }
  }

  #insert(container: JsonNode, changed: Changed, step: PathStep, value: TypedNode): void {
    const { entries, places } = changed;
    if (step.kind === 'index') {
      const anchor = places[step.index];
      const at = anchor === undefined ? -1 : entries.indexOf(anchor);
      entries.splice(at < 0 ? entries.length : at, 0, { value });
      return;
    }
    if (step.kind !== 'key' || isArray(this.#document, container)) throw problem('bad-edit', 'A list takes an index');
    const { key } = step;
    const name = key.t === 'str' ? key.v : '';
    let at = entries.length;
    if (this.#options.sortKeys === true) {
      const next = entries.findIndex((entry) => (entryKey(entry) ?? '') > name);
      if (next >= 0) at = next;
    }
    entries.splice(at, 0, { key, value });
  }

  #open(path: Path, whole: Path): JsonNode {
    let node = this.#document.root;
    this.#touched.add(node);
    for (const step of path) {
      const next = memberAt(node, step)?.node;
      if (next === undefined) throw nothingAt(whole);
      node = next;
      this.#touched.add(node);
    }
    if (node.members === undefined) throw nothingAt(whole);
    return node;
  }

  #changedOf(node: JsonNode): Changed {
    let changed = this.#changed.get(node);
    if (changed === undefined) {
      const entries = entriesOf(node);
      changed = { entries, places: [...entries] };
      this.#changed.set(node, changed);
    }
    return changed;
  }

  /** Adds the bytes of a node; `base` is the white space of the line it starts on. */
  #node(node: JsonNode, base: string, pieces: Uint8Array[]): void {
    const { bytes } = this.#document;
    if (!this.#touched.has(node)) {
      pieces.push(bytes.subarray(node.start, node.end));
      return;
    }
    const entries = this.#changed.get(node)?.entries ?? entriesOf(node);
    const members = node.members ?? [];
    const first = members[0];
    const lastOld = members.at(-1);
    const open = bytes.subarray(node.start, node.start + 1);
    const close = bytes.subarray(node.end - 1, node.end);
    if (entries.length === 0) {
      if (members.length === 0) pieces.push(bytes.subarray(node.start, node.end));
      else pieces.push(open, close);
      return;
    }
    let lead = first === undefined ? undefined : ascii(bytes.subarray(node.start + 1, first.start));
    let tail = lastOld === undefined ? undefined : ascii(bytes.subarray(lastOld.end, node.end - 1));
    if (lead === undefined || tail === undefined) {
      const { indent } = this.#style;
      lead = indent === undefined ? '' : `${indent.newline}${base}${indent.unit}`;
      tail = indent === undefined ? '' : `${indent.newline}${base}`;
    }
    const inner = /\n([ \t]*)$/.exec(lead)?.[1] ?? base;
    const comma = this.#comma(members, lead);
    pieces.push(open, utf8(lead));
    entries.forEach((entry, i) => {
      if (i > 0) pieces.push(this.#between(entries[i - 1], entry, comma));
      this.#entry(entry, node, inner, pieces);
    });
    pieces.push(utf8(tail), close);
  }

  /** What separates two members: the original bytes where they were neighbours before. */
  #between(left: Entry | undefined, right: Entry, comma: string): Uint8Array {
    if (left?.old !== undefined && right.old !== undefined && left.place === (right.place ?? 0) - 1) {
      return this.#document.bytes.subarray(left.old.end, right.old.start);
    }
    return utf8(comma);
  }

  #comma(members: readonly JsonMember[], lead: string): string {
    const [first, second] = members;
    if (first !== undefined && second !== undefined) {
      return ascii(this.#document.bytes.subarray(first.end, second.start));
    }
    return lead.includes('\n') ? `,${lead}` : this.#style.comma;
  }

  #entry(entry: Entry, container: JsonNode, base: string, pieces: Uint8Array[]): void {
    const { bytes } = this.#document;
    const { old } = entry;
    if (old?.key !== undefined) {
      if (entry.key === undefined) pieces.push(bytes.subarray(old.key.start, old.key.end));
      else pieces.push(utf8(writeKey(entry.key, this.#style)));
      pieces.push(bytes.subarray(old.key.end, old.node.start));
    } else if (entry.key !== undefined) {
      const sample = container.members?.[0];
      const colon =
        sample?.key === undefined ? this.#style.colon : ascii(bytes.subarray(sample.key.end, sample.node.start));
      pieces.push(utf8(writeKey(entry.key, this.#style) + colon));
    }
    if (entry.value !== undefined) pieces.push(utf8(writeJson(entry.value, this.#style, base)));
    else if (old !== undefined) this.#node(old.node, base, pieces);
  }
}

function entriesOf(node: JsonNode): Entry[] {
  return (node.members ?? []).map((old, place) => ({ old, place }));
}

function memberAt(node: JsonNode, step: PathStep): JsonMember | undefined {
  return node.members?.[indexOf(node, step)];
}

function indexOf(node: JsonNode, step: PathStep): number {
  const members = node.members ?? [];
  if (step.kind === 'index') return members[0]?.key === undefined ? step.index : -1;
  if (step.kind !== 'key' || step.key.t !== 'str') return -1;
  const { v } = step.key;
  return members.findLastIndex((member) => member.key?.text === v);
}

function isArray(document: JsonDocument, node: JsonNode): boolean {
  return document.bytes[node.start] === 0x5b;
}

function entryKey(entry: Entry): string | undefined {
  if (entry.key !== undefined) return entry.key.t === 'str' ? entry.key.v : undefined;
  return entry.old?.key?.text;
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 4096));
}

function nothingAt(path: Path): Error {
  return problem('no-such-place', `There is nothing at ${formatPath(path) || 'the root'}`);
}
