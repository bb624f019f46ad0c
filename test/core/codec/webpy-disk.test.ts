import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { applyEdits, decode } from '../../../core/codec/codec.ts';
import { parsePath } from '../../../core/codec/path.ts';
import { abbreviate, typedEqual } from '../../../core/codec/typed.ts';
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

/** An edit of the root that changes nothing else, undone again: what comes out must be the original bytes. */
function rebuilt(bytes: Uint8Array, as: readonly string[]): Uint8Array {
  return applyEdits(bytes, [], { as });
}

it('reads the 27 sessions as Python does, guessed and named, and writes the same bytes', () => {
  const { sessions } = json('disk/expected.json');
  const counts = { sessions: 0, sameValue: 0, sameBytes: 0, guessed: 0 };
  for (const { session_id, data } of sessions) {
    counts.sessions++;
    const bytes = read(`disk/sessions/${session_id}`);
    const named = decode(bytes, { as: AS });
    expect(named.error).toBeUndefined();
    expect(abbreviate(named.value as TypedNode)).toEqual(data);
    counts.sameValue++;
    expect(named.lossless).toBe(true);
    expect(Buffer.compare(rebuilt(bytes, AS), bytes)).toBe(0);
    expect(reEncodes(bytes, named.value as TypedNode)).toBe(true);
    counts.sameBytes++;
    const guessed = decode(bytes);
    expect(guessed.layers).toEqual(AS);
    expect(guessed.value).toEqual(named.value);
    counts.guessed++;
  }
  console.log('disk/sessions', JSON.stringify(counts));
  expect(counts.sameBytes).toBe(27);
});

/** There and back: adds a key, deletes it again, and compares with the original. */
function reEncodes(bytes: Uint8Array, value: TypedNode): boolean {
  const path = parsePath('zz_new');
  const more = applyEdits(bytes, [{ op: 'insert', path, value: { t: 'int', v: '7' } }], { as: AS });
  const less = applyEdits(more, [{ op: 'delete', path }], { as: AS });
  const again = decode(less, { as: AS }).value;
  return again !== null && typedEqual(again, value);
}

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
    expect(abbreviate(found.value as TypedNode)).toEqual(expected.value);
    counts.sameValue++;
    expect(found.lossless).toBe(true);
    expect(Buffer.compare(rebuilt(bytes, AS), bytes)).toBe(0);
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
      expect(abbreviate(found.value as TypedNode)).toEqual(loads_default.value);
      counts.sameValue++;
    }
    expect(decode(bytes).layers).toEqual(AS);
    const latin1 = decode(bytes, { as: ['base64', 'pickle:latin1'] });
    expect(latin1.error).toBeUndefined();
    expect(abbreviate(latin1.value as TypedNode)).toEqual(loads_latin1.value);
    counts.sameLatin1++;
    expect(Buffer.compare(rebuilt(bytes, ['base64', 'pickle:latin1']), bytes)).toBe(0);
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
