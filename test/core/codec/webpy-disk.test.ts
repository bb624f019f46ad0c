import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { applyEdits, decode } from '../../../core/codec/codec.ts';
import { parsePath } from '../../../core/codec/path.ts';
import { abbreviate } from '../../../core/codec/typed.ts';
import type { TypedNode } from '../../../core/model/typed.ts';

const FOLDER = new URL('../../fixtures/webpy/', import.meta.url);
const AS = ['base64', 'pickle'];

interface Expectation {
  readonly value?: unknown;
  readonly error?: string;
  readonly message?: string;
}

const read = (path: string): Uint8Array => readFileSync(new URL(path, FOLDER));
const json = (path: string) => JSON.parse(readFileSync(new URL(path, FOLDER), 'utf8'));

/** Python's exception and what this codec calls it. */
function kindOf({ error, message }: Expectation): string {
  if (error === 'Error') return message === 'Incorrect padding' ? 'base64-padding' : 'base64-single';
  return `pickle-${error
    ?.replace(/([a-z])([A-Z])/g, '$1-$2')
    .replace('EOFE', 'EOF-E')
    .toLowerCase()}`;
}

/**
 * What only the program's classes know is left out on both sides: that a subclass of a container is one although it is
 * empty, and the value behind a member of an enumeration, which Python 3.11 writes by name (a combination of flags as
 * `or_` of its members).
 */
function comparable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, part) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    if (part.t === 'reduce' && part.func === '_operator.or_') {
      const [{ class: of }] = part.args;
      return { t: 'enum', class: of, name: part.args.map((one: { name: string }) => one.name).join('|') };
    }
    if (part.t === 'enum') return { t: 'enum', class: part.class, name: part.name };
    const { entries, items, ...rest } = part;
    return { ...rest, ...(entries?.length > 0 && { entries }), ...(items?.length > 0 && { items }) };
  });
}

const same = (found: TypedNode | null, expected: unknown) =>
  expect(comparable(abbreviate(found as TypedNode))).toEqual(comparable(expected));

/**
 * Adds a member through all layers and takes it away again: pickle frames, memo, and base64 lines are written again twice,
 * and in the end every byte must be as it was.
 */
function thereAndBack(bytes: Uint8Array, as: readonly string[]): Uint8Array {
  const { value } = decode(bytes, { as });
  const fresh: TypedNode = { t: 'int', v: '7' };
  if (value?.t !== 'dict' && value?.t !== 'list') {
    const other = applyEdits(bytes, [{ op: 'set', path: [], value: fresh }], { as });
    expect(Buffer.compare(other, bytes)).not.toBe(0);
    return applyEdits(other, [{ op: 'set', path: [], value: value as TypedNode }], { as });
  }
  const path = parsePath(value.t === 'list' ? '[0]' : 'zz_new');
  const more = applyEdits(bytes, [{ op: 'insert', path, value: fresh }], { as });
  expect(more.length).toBeGreaterThan(bytes.length);
  return applyEdits(more, [{ op: 'delete', path }], { as });
}

it('reads the 27 sessions as Python does, guessed and named, and writes the same bytes', () => {
  const { sessions } = json('disk/expected.json');
  const counts = { sessions: 0, sameValue: 0, sameBytes: 0, guessed: 0 };
  for (const { session_id, data } of sessions) {
    counts.sessions++;
    const bytes = read(`disk/sessions/${session_id}`);
    const named = decode(bytes, { as: AS });
    expect(named.error).toBeUndefined();
    same(named.value, data);
    counts.sameValue++;
    expect(named.lossless).toBe(true);
    expect(Buffer.compare(thereAndBack(bytes, AS), bytes)).toBe(0);
    counts.sameBytes++;
    const guessed = decode(bytes);
    expect(guessed.layers).toEqual(AS);
    expect(guessed.value).toEqual(named.value);
    counts.guessed++;
  }
  console.log('disk/sessions', JSON.stringify(counts));
  expect(counts.sameBytes).toBe(27);
});

it('reads the odd files as DiskStore does, or refuses them for the same reason', () => {
  const { odd } = json('disk/expected.json');
  const counts = { files: 0, sameValue: 0, sameRefusal: 0, sameBytes: 0 };
  for (const { file, decode: expected } of odd as { file: string; decode: Expectation }[]) {
    counts.files++;
    const bytes = read(`disk/odd/${file}`);
    const found = decode(bytes, { as: AS });
    if (expected.error !== undefined) {
      expect([file, found.error?.kind]).toEqual([file, kindOf(expected)]);
      expect(found.error?.at).toBeTypeOf('number');
      counts.sameRefusal++;
      continue;
    }
    expect(found.error).toBeUndefined();
    same(found.value, expected.value);
    counts.sameValue++;
    expect(found.lossless).toBe(true);
    expect(Buffer.compare(thereAndBack(bytes, AS), bytes)).toBe(0);
    counts.sameBytes++;
  }
  console.log('disk/odd', JSON.stringify(counts));
  expect(counts.sameValue + counts.sameRefusal).toBe(odd.length);
});

it('says what web.py would skip or ignore', () => {
  const { odd } = json('disk/expected.json');
  const codes = (name: string) => {
    const { file } = odd.find((one: { name: string }) => one.name === name);
    return decode(read(`disk/odd/${file}`), { as: AS }).warnings.map((warning) => warning.code);
  };
  expect(codes('junk_chars')).toContain('base64-url-safe-skipped');
  expect(codes('after_pad')).toContain('pickle-trailing-bytes');
  expect(codes('trailing')).toContain('pickle-trailing-bytes');
  expect(codes('crlf')).toEqual([]);
});

it('reads the sessions of Python 2 as web.py under Python 3 does, and as Latin-1', () => {
  const { sessions } = json('disk/py2/expected.json');
  const counts = { files: 0, sameValue: 0, sameRefusal: 0, sameLatin1: 0, sameBytes: 0 };
  for (const { session_id, loads_default, loads_latin1 } of sessions) {
    counts.files++;
    const bytes = read(`disk/py2/${session_id}`);
    const found = decode(bytes, { as: AS });
    if (loads_default.error !== undefined) {
      expect(found.error?.kind).toBe(kindOf(loads_default));
      counts.sameRefusal++;
    } else {
      same(found.value, loads_default.value);
      counts.sameValue++;
    }
    expect(decode(bytes).layers).toEqual(AS);
    const latin1 = decode(bytes, { as: ['base64', 'pickle:latin1'] });
    expect(latin1.error).toBeUndefined();
    same(latin1.value, loads_latin1.value);
    counts.sameLatin1++;
    expect(Buffer.compare(thereAndBack(bytes, ['base64', 'pickle:latin1']), bytes)).toBe(0);
    counts.sameBytes++;
  }
  console.log('disk/py2', JSON.stringify(counts));
  expect(counts.files).toBe(6);
});

it('shows the hostile session files without running anything', () => {
  const folder = new URL('malicious/disk/', FOLDER);
  const { streams } = json('malicious/expected.json');
  const counts = { files: 0, withDanger: 0, refused: 0 };
  for (const file of readdirSync(folder)) {
    counts.files++;
    const bytes = readFileSync(new URL(file, folder));
    const { category } = streams.find((one: { disk_session?: string }) => one.disk_session === `disk/${file}`);
    for (const found of [decode(bytes), decode(bytes, { as: AS })]) {
      expect(found.value !== null || found.error !== undefined).toBe(true);
      const danger = found.warnings.some((warning) => warning.severity !== 'info');
      if (category.startsWith('code') && found.value !== null) expect([file, danger]).toEqual([file, true]);
      if (danger) counts.withDanger++;
      if (found.error !== undefined) counts.refused++;
    }
  }
  console.log('malicious/disk', JSON.stringify(counts));
  expect(counts.files).toBe(readdirSync(folder).length);
  expect(existsSync('/tmp/PWNED-by-fixture')).toBe(false);
});
