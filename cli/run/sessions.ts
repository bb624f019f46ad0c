import { diff } from '../../core/codec/diff.ts';
import { formatPath, parsePath, resolveNewPath, resolvePath } from '../../core/codec/path.ts';
import { summarise, toNotation, valueFromText } from '../../core/codec/typed.ts';
import { applyEdits, type Decoded, decode } from '../../core/frameworks/codec.ts';
import type { Difference, Edit, Path } from '../../core/model/path.ts';
import { type Problem, problem } from '../../core/model/problem.ts';
import { comparedClock, type RecordStore, type StoredRecord, type WriteOutcome } from '../../core/model/record.ts';
import type { TypedNode } from '../../core/model/typed.ts';
import { maskStoreUrl } from '../../core/stores/url.ts';
import { note, print, printJson } from '../output.ts';
import { decodeRecord, iso, plainLine, sessionLine, textLine, typedLine } from './session-line.ts';
import { withStore } from './with-store.ts';

export interface SessionsOptions {
  readonly data: string;
  readonly json?: true;
  readonly plain?: true;
  readonly dryRun?: true;
}

export const showSession = (url: string, id: string, options: SessionsOptions): Promise<number> =>
  withStore(url, options, (store) => show(store, id, options));

export const setInSession = (
  url: string,
  id: string,
  path: string,
  value: string,
  options: SessionsOptions,
): Promise<number> => withStore(url, options, (store) => set(store, id, path, value, options));

export const ageSession = (url: string, id: string, seconds: number, options: SessionsOptions): Promise<number> =>
  withStore(url, options, (store) => age(store, id, seconds, options));

export const removeSession = (url: string, id: string, options: SessionsOptions): Promise<number> =>
  withStore(url, options, (store) => remove(store, id, options));

async function show(store: RecordStore, id: string, options: SessionsOptions): Promise<number> {
  const record = await store.read(id);
  if (record === undefined) return notFound(store, id, options);
  const line = sessionLine(record, decodeRecord(record));
  if (options.json || options.plain) {
    printJson(options.json ? typedLine(line) : plainLine(line));
    return 0;
  }
  print(`id         ${line.id}`);
  print(`last use   ${line.lastUsed ?? 'unknown'}${stored(record)}`);
  if (line.expires !== undefined) print(`ends       ${line.expires ?? 'never'}`);
  print(`bytes      ${line.bytes}`);
  print(`layers     ${line.layers.join('/') || 'none'}`);
  for (const [name, text] of Object.entries(record.extra ?? {})) {
    print(`${name.padEnd(10)} ${text ?? 'NULL'}`);
  }
  if (line.error !== null) print(`problem    ${line.error.message}`);
  if (line.value !== null) for (const member of members(line.value)) print(member);
  return 0;
}

async function set(
  store: RecordStore,
  id: string,
  path: string,
  text: string,
  options: SessionsOptions,
): Promise<number> {
  const value = valueFromText(text);
  const wanted = parsePath(path);
  const record = await store.read(id);
  if (record === undefined) return notFound(store, id, options);
  const before = decodeRecord(record);
  if (before.value === null) throw unreadable(record, before);
  const edit = editFor(before.value, [...parsePath(store.traits.dataAt ?? ''), ...wanted], wanted, path, value);
  const bytes = applyEdits(record.bytes, [edit], { as: before.layers });
  const after = decode(bytes, { as: before.layers }).value ?? before.value;
  const differences = diff(before.value, after);
  if (options.dryRun || differences.length === 0) {
    return report(options, id, differences, options.dryRun ? 'dry-run' : 'unchanged');
  }
  const applied = await (await edits()).withEdits(options.data, store, ({ apply, storeId }) =>
    apply({ storeId, id: record.id, revision: record.revision, edits: [edit], as: before.layers }),
  );
  const outcome = applied.outcome === 'conflict' ? 'stale' : applied.outcome;
  return report(options, id, differences, outcome, applied.outcome === 'written' ? applied.editId : undefined);
}

async function age(store: RecordStore, id: string, seconds: number, options: SessionsOptions): Promise<number> {
  const record = await store.read(id);
  if (record === undefined) return notFound(store, id, options);
  const before = comparedClock(store, record);
  const { clock, cannotAge } = store.traits;
  if (before === null) {
    throw problem('cannot-age', cannotAge ?? `The store does not say when ${id} was last used or ends`, {
      remedy: 'Set it in the store itself',
    });
  }
  const name = clock?.name === 'expires' ? 'end        ' : 'last use   ';
  if (options.dryRun) {
    const after = iso(before - seconds * 1000);
    if (options.json) printJson({ id, outcome: 'dry-run', before: iso(before), after });
    else print(`${name}${iso(before)} → ${after}`);
    return 0;
  }
  const { editId } = await (await edits()).withEdits(options.data, store, (edits) =>
    edits.age({ storeId: edits.storeId, id: record.id, seconds }),
  );
  const now = await store.read(id);
  const after = iso(now === undefined ? before - seconds * 1000 : comparedClock(store, now));
  if (options.json) printJson({ id, outcome: 'written', before: iso(before), after, editId });
  else {
    print(`${name}${iso(before)} → ${after}`);
    printEdit(editId);
  }
  return 0;
}

async function remove(store: RecordStore, id: string, options: SessionsOptions): Promise<number> {
  const record = await store.read(id);
  if (record === undefined) return notFound(store, id, options);
  const edit = options.dryRun
    ? undefined
    : await (await edits()).withEdits(options.data, store, (edits) =>
        edits.remove({ storeId: edits.storeId, id: record.id, revision: record.revision }),
      );
  const removed = sessionLine(record, decodeRecord(record));
  const outcome = edit === undefined ? 'dry-run' : 'written';
  if (options.json) {
    printJson({ id, outcome, removed: typedLine(removed), ...(edit === undefined ? {} : { editId: edit.editId }) });
  } else {
    print(`- ${textLine(removed)}`);
    if (edit !== undefined) printEdit(edit.editId);
  }
  return 0;
}

/** The log needs the workspace, which commands that only read do not wait for. */
const edits = () => import('../edit-log.ts');

type Outcome = WriteOutcome | 'dry-run' | 'unchanged';

function printEdit(editId: string): void {
  note(`edit ${editId}: "sessionscope undo ${editId}" takes it back`);
}

function report(
  options: SessionsOptions,
  id: string,
  differences: readonly Difference[],
  outcome: Outcome,
  editId?: string,
): number {
  const edit = editId === undefined ? {} : { editId };
  if (options.json) printJson({ id, outcome, differences: differences.map(printedDifference), ...edit });
  else if (wasDone(outcome)) {
    for (const { at, before, after } of differences) {
      const from = before === undefined ? '(nothing)' : summarise(before, 60);
      const to = after === undefined ? '(nothing)' : summarise(after, 60);
      print(`${at === '' ? '(the whole value)' : at}: ${from} → ${to}`);
    }
    if (differences.length === 0) print('No difference');
    if (editId !== undefined) printEdit(editId);
  }
  return ending(id, outcome);
}

function wasDone(outcome: Outcome): boolean {
  return outcome !== 'stale' && outcome !== 'gone';
}

function ending(id: string, outcome: Outcome): number {
  if (wasDone(outcome)) return 0;
  const why = outcome === 'stale' ? 'was changed by the application meanwhile' : 'is gone';
  note(`sessionscope: The session ${id} ${why}; nothing was written`);
  return 1;
}

function notFound(store: RecordStore, id: string, options: SessionsOptions): number {
  const reason: Problem = { kind: 'not-found', message: `No session ${id} in ${maskStoreUrl(store.url)}` };
  if (options.json) printJson({ error: reason });
  note(`sessionscope: ${reason.message}`);
  return 1;
}

/**
 * A path is one of the session's data, in every store alike; one of the whole record, as `--json` prints it, is taken too.
 */
function editFor(root: TypedNode, inData: Path, inRecord: Path, text: string, value: TypedNode): Edit {
  const there = resolvePath(root, inData) ?? resolvePath(root, inRecord);
  if (there !== undefined) return { op: 'set', path: there, value };
  const place = resolveNewPath(root, inData) ?? resolveNewPath(root, inRecord);
  if (place !== undefined) return { op: 'insert', path: place, value };
  throw problem('not-found', `There is no ${text} in this session, nor a place for it`, {
    remedy: `It has: ${topNames(root)}`,
  });
}

function topNames(root: TypedNode): string {
  if (root.t !== 'dict' && root.t !== 'storage') return summarise(root, 80);
  const names = root.v.slice(0, 20).map(([key]) => formatPath([{ kind: 'key', key }]));
  return names.length === 0 ? 'nothing' : names.join(', ');
}

function printedDifference({ path, at, before, after }: Difference): object {
  return {
    path,
    at,
    ...(before === undefined ? {} : { before: toNotation(before) }),
    ...(after === undefined ? {} : { after: toNotation(after) }),
  };
}

function unreadable(record: StoredRecord, decoded: Decoded) {
  return problem('unreadable', `${record.id} cannot be decoded: ${decoded.error?.message ?? 'unknown format'}`, {
    remedy: 'Look at it with sessionscope sessions show, or decode with --as',
  });
}

function members(value: TypedNode): string[] {
  if (value.t !== 'dict' && value.t !== 'storage') return [summarise(value, 2000)];
  return value.v.map(([key, inner]) => `  ${formatPath([{ kind: 'key', key }])} = ${summarise(inner, 500)}`);
}

function stored(record: StoredRecord): string {
  return record.lastUsedText === undefined ? '' : `  (stored: ${record.lastUsedText})`;
}
