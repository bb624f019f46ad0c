import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
} from 'yaml';
import { PolicyFileError, type PolicyFileProblem } from './policy-file-error.ts';

/** Where something stands in the file; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One document of a YAML file as plain data that knows where each part of it stands. */
export interface YamlPart {
  readonly value: unknown;
  /** The place of a value, or of the key that names it; of the nearest part around it where there is none. */
  placeOf(path: readonly PropertyKey[], of?: 'key' | 'value'): Place;
}

/** A policy is written by hand: more than this is something else. */
export const MOST_BYTES = 128 * 1024;
const MOST_DOCUMENTS = 20;
const MOST_ALIASES = 50;
const MOST_PARTS = 20_000;
const DEEPEST = 24;

/**
 * Reads the documents of a YAML 1.2 file (divided by `---`). Bounded in size, depth, aliases and number of values,
 * whatever the file holds; no tag makes anything but plain data.
 * @param file name for the messages
 * @throws PolicyFileError with every mistake of the syntax and its place
 */
export function readYaml(text: string, file: string): YamlPart[] {
  const start: Place = { line: 1, column: 1 };
  const refuse = (message: string, remedy: string, place = start) =>
    new PolicyFileError(file, [{ place, message, remedy }]);
  if (text.length > MOST_BYTES) {
    throw refuse(
      `The file is larger than ${MOST_BYTES / 1024} KiB`,
      'A policy is some lines of YAML: choose another file',
    );
  }
  if (text.includes('\0')) throw refuse('The file holds bytes that are no text', 'Choose a YAML file');
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'error',
  });
  if (!Array.isArray(parsed) || parsed.every(({ contents }) => contents === null || isNothing(contents))) {
    throw refuse('The file is empty', 'Begin with `version: 1`; docs/policy-file.md has an example');
  }
  const documents: Document.Parsed<ParsedNode>[] = parsed;
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const wrong: PolicyFileProblem[] = documents.flatMap(({ errors, warnings }) =>
    [...errors, ...warnings].map(({ message, pos: [offset] }) => ({
      place: placeAt(offset),
      message: `This is no YAML: ${message}`,
    })),
  );
  if (wrong.length > 0) throw new PolicyFileError(file, wrong);
  if (documents.length > MOST_DOCUMENTS) {
    throw refuse(
      `The file holds ${documents.length} policies`,
      `Divide it: ${MOST_DOCUMENTS} in one file are the most`,
    );
  }
  return documents.map((document) => {
    const placeOf: YamlPart['placeOf'] = (path, of = 'value') => placeAt(offsetOf(document, path, of));
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: MOST_ALIASES });
    } catch (error) {
      throw refuse(
        `The aliases of this file cannot be followed: ${(error as Error).message}`,
        'Write the values out',
        placeOf([]),
      );
    }
    const beyond = boundsOf(value);
    if (beyond !== undefined)
      throw refuse(beyond.message, 'A policy is flatter and shorter than this', placeOf(beyond.path));
    return { value, placeOf };
  });
}

function isNothing(node: ParsedNode): boolean {
  return isScalar(node) && node.value === null && node.source === '';
}

/** Aliases can make a value that holds itself, or that is much larger than its text. */
function boundsOf(root: unknown): { message: string; path: readonly PropertyKey[] } | undefined {
  let parts = 0;
  const waiting: { value: unknown; path: readonly PropertyKey[] }[] = [{ value: root, path: [] }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, path } = next;
    if (path.length > DEEPEST) return { message: `The values are nested more than ${DEEPEST} deep`, path };
    if (++parts > MOST_PARTS) return { message: `The file has more than ${MOST_PARTS} values`, path: [] };
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, child] of Object.entries(value)) waiting.push({ value: child, path: [...path, key] });
  }
  return undefined;
}

function offsetOf(document: Document.Parsed<ParsedNode>, path: readonly PropertyKey[], of: 'key' | 'value'): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? document.range[0];
  for (const [i, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    if (isMap<Node, Node | null>(node) && typeof step !== 'number') {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return offset;
      const { key, value } = pair;
      node = value;
      const last = i === path.length - 1;
      offset = (last && of === 'key' ? key.range?.[0] : (value?.range?.[0] ?? key.range?.[0])) ?? offset;
    } else if (isSeq<Node>(node)) {
      // A list may stand for a group of keys: then a step is the name of an entry.
      const named = node.items.find((item) => isScalar(item) && item.value === step);
      node = named ?? node.items[Number(step)] ?? null;
      offset = node?.range?.[0] ?? offset;
    } else if (typeof step !== 'number') return offset;
    // One value may stand for a list of it: the step into the list is none.
  }
  return offset;
}
