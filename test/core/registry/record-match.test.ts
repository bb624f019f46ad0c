import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dictNode, intNode, listNode, strNode } from '../../../core/codec/typed.ts';
import { openRecordStore } from '../../../core/frameworks/stores.ts';
import type { RecordStore, StoredRecord } from '../../../core/model/record.ts';
import { emptyReason } from '../../../core/registry/empty-reason.ts';
import { factsOf, labelOf } from '../../../core/registry/record-facts.ts';
import { joinRecord, possibleIds } from '../../../core/registry/record-match.ts';
import { data, HEX, record } from '../../support/registry-harness.ts';
import { wrapStore } from '../../support/wrap-store.ts';

const A = HEX('a');

describe('possibleIds', () => {
  it.each([
    [{ id: A, raw: A }, A],
    [{ id: 'a b', raw: 'a%20b' }, 'a%20b'],
    [{ id: 'a%20b', raw: 'a%20b' }, 'a b'],
    [{ id: `"${A}"`, raw: `"${A}"` }, A],
    [{ id: `s:${A}.${'x'.repeat(43)}`, raw: 'irrelevant' }, A],
    [{ id: `${A}.${'x'.repeat(27)}`, raw: 'irrelevant' }, A],
    [{ id: A, raw: A }, `sess_${A}`],
  ])('%o may be kept as %s', (session, expected) => {
    expect(possibleIds(session).map(({ id }) => id)).toContain(expected);
    expect(possibleIds(session)[0]?.id).toBe(session.id);
  });

  it('looks inside a decoded value, one level deep, for what names a session', () => {
    const decoded = dictNode([
      [strNode('user'), strNode('alice-and-more')],
      [strNode('state'), dictNode([[strNode('sid'), strNode('inner-session-id')]])],
    ]);
    const ids = possibleIds({ id: 'x', raw: 'x' }, decoded);
    expect(ids).toContainEqual({ id: 'inner-session-id', how: 'the id inside the decoded value' });
    expect(ids.map(({ id }) => id)).not.toContain('alice-and-more');
  });

  it('never fails and stays short, whatever the value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 200 }), (id, raw) => {
        const ids = possibleIds({ id, raw });
        expect(ids.length).toBeLessThanOrEqual(12);
        for (const possible of ids) expect(possible.id).toMatch(/^[\x20-\x7e]+$/);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('joinRecord', () => {
  let folder: string;
  let store: RecordStore;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'match-'));
    writeFileSync(path.join(folder, A), record(A, { count: 1 }));
    store = await openRecordStore(`disk:${folder}`);
  });

  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it('finds the record by the id, by the id inside a signed value, and nothing for another', async () => {
    expect(await joinRecord(store, { id: A, raw: A })).toMatchObject({ record: { id: A }, how: 'the id itself' });
    const signed = { id: `s:${A}.${'x'.repeat(43)}`, raw: `s%3A${A}.${'x'.repeat(43)}` };
    expect(await joinRecord(store, signed)).toMatchObject({ record: { id: A }, how: 'the id inside the signed value' });
    expect(await joinRecord(store, { id: HEX('b'), raw: HEX('b') })).toBeUndefined();
  });

  it.each(['../../etc/passwd', '..', '.', '/', 'a/b', 'x'.repeat(5_000), '\0', ''])(
    '%j is simply not there',
    async (id) => {
      expect(await joinRecord(store, { id, raw: id })).toBeUndefined();
    },
  );

  it('takes the name that the store gives: letter case folded, padding taken off', async () => {
    const folding = wrapStore(store, {
      read: async (id): Promise<StoredRecord | undefined> => store.read(id.toLowerCase()),
    });
    const match = await joinRecord(folding, { id: A.toUpperCase(), raw: A.toUpperCase() });
    expect(match).toMatchObject({ record: { id: A }, how: 'the id itself, in other letter case' });
  });
});

describe('facts and labels', () => {
  it('flattens data into paths and values, bounded', () => {
    const value = dictNode([
      [strNode('user'), strNode('alice')],
      [strNode('cart'), listNode([dictNode([[strNode('n'), intNode(3)]])])],
    ]);
    expect(factsOf(value)).toEqual([
      { path: 'user', value: 'alice' },
      { path: 'cart[0].n', value: '3' },
    ]);
    const wide = dictNode(Array.from({ length: 5_000 }, (_, i) => [strNode(`k${i}`), intNode(i)]));
    expect(factsOf(wide)).toHaveLength(120);
    expect(factsOf(null)).toEqual([]);
  });

  it.each([
    [{ count: 41 }, 'count 41'],
    [{ count: 41, user: 'alice' }, 'user=alice'],
    [{ theme: 'dark' }, 'theme=dark'],
    [{ email: 'a@b.test', count: 1 }, 'email=a@b.test'],
    [{}, undefined],
    [{ user: 'x'.repeat(99) }, `user=${'x'.repeat(39)}…`],
  ])('%o is told apart by %s', (fields, label) => {
    expect(labelOf(data(A, fields as Record<string, string>))).toBe(label);
  });
});

describe('why the list is empty', () => {
  const none = { recording: true, flows: 0, flowsWithCookies: 0, candidates: [], proxy: '127.0.0.1:8640' };
  it.each([
    [none, 'No request has passed through 127.0.0.1:8640'],
    [{ ...none, recording: false }, 'Recording is paused'],
    [{ ...none, flows: 3 }, '3 requests passed, none with a cookie'],
    [{ ...none, flows: 1, flowsWithCookies: 1, candidates: ['theme'] }, '1 cookie passed (theme), but none looks like'],
    [{ ...none, flows: 9, flowsWithCookies: 9, candidates: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }, 'and 2 more'],
    [{ ...none, hiddenByFilter: 'host:x' }, 'No session matches "host:x"'],
  ])('%o', (facts, words) => {
    expect(emptyReason(facts)).toContain(words);
  });
});
