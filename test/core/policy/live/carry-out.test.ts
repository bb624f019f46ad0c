import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeSession } from '../../../../core/frameworks/webpy/session/encoding.ts';
import { carryOut } from '../../../../core/policy/live/carry-out.ts';
import { canaryId, type JournalEntry } from '../../../../core/policy/live/journal.ts';
import { digestOf, freshOf } from '../../../../core/policy/live/ownership.ts';
import { diskPlace, type RecordPlaceAt, sqlitePlace } from '../../../contract/places.ts';

/* What a journal undoes and what it leaves alone, on a real directory and a real table. */

const AT = Date.UTC(2026, 10, 23, 12);
const OWN = '3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a9b8c7';
const OTHER = 'ffeeddccbbaa99887766554433221100ffeeddcc';
const THIRD = '0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f';
const record = (id: string, user: string | null) =>
  encodeSession(
    new Map([
      ['session_id', id],
      ['user', user],
    ]),
  );

const ALICE = record(OWN, 'alice');
const BOB = record(OWN, 'bob');

describe.each([
  ['a directory', diskPlace],
  ['a table', () => sqlitePlace()],
])('an interrupted run in %s', (_, makePlace) => {
  let place: RecordPlaceAt;
  let store: Awaited<ReturnType<RecordPlaceAt['open']>>;
  beforeEach(async () => {
    place = await makePlace();
    store = await place.open();
    await store.create(OWN, ALICE, AT - 60_000);
  });
  afterEach(async () => {
    await store.close();
    await place.dispose();
  });

  const entry = async (change: Partial<JournalEntry> = {}): Promise<JournalEntry> => {
    const { bytes, lastUsed, extra } = (await store.read(OWN)) ?? { bytes: ALICE, lastUsed: AT - 60_000 };
    return {
      version: 2,
      runId: 'run',
      pid: 999_999,
      storeUrl: place.url,
      record: {
        id: OWN,
        base64: Buffer.from(bytes).toString('base64'),
        lastUsed,
        ...(extra === undefined ? {} : { extra }),
      },
      states: [digestOf(bytes)],
      mayBeGone: false,
      late: false,
      canaries: null,
      created: [],
      asking: null,
      at: AT,
      patienceMs: 2_000,
      skewMs: 0,
      known: [OWN],
      fresh: [],
      ...change,
    };
  };
  const now = async (id = OWN) => {
    const found = await store.read(id);
    return found === undefined ? undefined : { bytes: Buffer.from(found.bytes), lastUsed: found.lastUsed };
  };
  const write = async (bytes: Uint8Array, lastUsed: number) => {
    await store.replace(OWN, bytes, (await store.read(OWN))?.revision ?? '');
    await store.setLastUsed(OWN, lastUsed);
  };

  it('gives an aged record its last use back, and does nothing the second time', async () => {
    const before = await now();
    const journal = await entry();
    await store.setLastUsed(OWN, AT - 90_000_000);
    expect(await carryOut(journal, store)).toEqual({ done: ['the record 3f2a9c0d… is as it was'], left: [] });
    expect(await now()).toEqual(before);
    expect(await carryOut(journal, store)).toEqual({ done: [], left: [] });
  });

  it('makes a removed record again, with what else its file or row held', async () => {
    if (place.url.startsWith('disk:')) fs.chmodSync(path.join(place.url.slice(5), OWN), 0o640);
    const before = await now();
    const others = [
      place.url.startsWith('disk:') ? (await store.read(OWN))?.extra?.['mode'] : await place.others?.(OWN),
    ];
    const journal = await entry({ mayBeGone: true });
    await store.remove(OWN);
    expect((await carryOut(journal, store)).left).toEqual([]);
    expect(await now()).toEqual(before);
    expect([
      place.url.startsWith('disk:') ? (await store.read(OWN))?.extra?.['mode'] : await place.others?.(OWN),
    ]).toEqual(others);
  });

  it('does not make again what somebody else removed: a logout stays one', async () => {
    const journal = await entry();
    await store.remove(OWN);
    const { left } = await carryOut(journal, store);
    expect(left).toEqual(['the record 3f2a9c0d… was removed by somebody else meanwhile and stays removed']);
    expect(await now()).toBeUndefined();
  });

  it('leaves what somebody else wrote, and their last use', async () => {
    const journal = await entry();
    await write(BOB, AT + 60_000);
    const theirs = await now();
    const { left } = await carryOut(journal, store);
    expect(left).toEqual(['the record 3f2a9c0d… was written by somebody else meanwhile and stays as they wrote it']);
    expect(await now()).toEqual(theirs);
  });

  it('undoes what a request that was under way wrote, and leaves what was written long after it', async () => {
    const before = await now();
    const journal = await entry({ asking: AT, at: AT });
    await write(BOB, AT + 500);
    expect((await carryOut(journal, store)).left).toEqual([]);
    expect(await now()).toEqual(before);
    await write(BOB, AT + 10_000);
    expect((await carryOut(journal, store)).left).toHaveLength(1);
    expect((await now())?.bytes).toEqual(BOB);
  });

  it('knows the time of a write in a zone that was not measured yet', async () => {
    const before = await now();
    const journal = await entry({ asking: AT, at: AT, skewMs: null });
    await write(BOB, AT + 500 - 3_600_000);
    expect((await carryOut(journal, store)).left).toEqual([]);
    expect(await now()).toEqual(before);
  });

  it('puts the content of its own edit right, but keeps the later last use of a visitor', async () => {
    const shifted = record(OWN, 'as the lab wrote it');
    const journal = { ...(await entry()), states: [digestOf(ALICE), digestOf(shifted)] };
    await write(shifted, AT + 60_000);
    const { lastUsed } = (await now()) ?? {};
    await carryOut(journal, store);
    expect(await now()).toEqual({ bytes: Buffer.from(ALICE), lastUsed });
  });

  it('after a rotation by its own request: the old record back, the new one gone', async () => {
    const before = await now();
    const journal = await entry({ mayBeGone: true, created: [OTHER] });
    await store.remove(OWN);
    await store.create(OTHER, record(OTHER, 'alice'), AT);
    await carryOut(journal, store);
    expect(await now()).toEqual(before);
    expect(await now(OTHER)).toBeUndefined();
  });

  it('after a rotation by the visitor: the new record stays, the old one is not made again', async () => {
    const journal = await entry();
    await store.remove(OWN);
    await store.create(OTHER, record(OTHER, 'alice'), AT + 60_000);
    expect((await carryOut(journal, store)).left).toHaveLength(1);
    expect(await now()).toBeUndefined();
    expect(await now(OTHER)).toBeDefined();
  });

  it('removes canaries, whoever else is there', async () => {
    const prefix = 'ab'.repeat(16);
    const journal = await entry({ canaries: { prefix, count: 3 } });
    for (const i of [0, 1, 2]) await store.create(canaryId(prefix, i), ALICE, AT - i * 1000);
    await store.create(OTHER, record(OTHER, 'visitor'), AT);
    await carryOut(journal, store);
    const ids: string[] = [];
    for await (const { id } of store.list()) ids.push(id);
    expect(ids.sort()).toEqual([OWN, OTHER].sort());
  });

  it('removes the record that a request under way made, and no visitor who came meanwhile', async () => {
    const fresh = [freshOf({ id: THIRD, bytes: record(THIRD, null), revision: '', lastUsed: AT })];
    const journal = await entry({ asking: AT, at: AT, fresh });
    await store.create(OTHER, record(OTHER, null), AT + 100);
    await store.create(THIRD, record(THIRD, 'someone who logged in'), AT + 200);
    expect((await carryOut(journal, store)).left).toEqual([]);
    expect(await now(OTHER)).toBeUndefined();
    expect(await now(THIRD)).toBeDefined();
  });

  it('leaves both of two new records that look alike, and says so', async () => {
    const fresh = [freshOf({ id: OWN, bytes: record(OWN, null), revision: '', lastUsed: AT })];
    const journal = await entry({ asking: AT, at: AT, fresh });
    await store.create(OTHER, record(OTHER, null), AT + 100);
    await store.create(THIRD, record(THIRD, null), AT + 200);
    expect((await carryOut(journal, store)).left).toEqual([expect.stringContaining('one of 2 new records')]);
    expect(await now(OTHER)).toBeDefined();
    expect(await now(THIRD)).toBeDefined();
  });

  it('removes half a file that the killed process left, and no other process its own', async () => {
    if (!place.url.startsWith('disk:')) return;
    const folder = place.url.slice(5);
    fs.writeFileSync(path.join(folder, 'sessionscope-999999-4.tmp'), 'half');
    fs.writeFileSync(path.join(folder, 'sessionscope-999998-4.tmp'), 'half');
    await carryOut(await entry(), store);
    expect(fs.readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual(['sessionscope-999998-4.tmp']);
  });
});
