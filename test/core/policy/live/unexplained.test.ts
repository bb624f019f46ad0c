import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRecordStore } from '../../../../core/frameworks/stores.ts';
import type { RecordStore } from '../../../../core/model/record.ts';
import { idReadings } from '../../../../core/policy/live/id-readings.ts';
import { RecordLedger } from '../../../../core/policy/live/record-ledger.ts';
import { tempFolder } from '../../../contract/places.ts';
import { sampleRecord } from '../../../contract/samples.ts';

const id = (digit: string) => digit.repeat(40);
let folder = '';
let store: RecordStore;
beforeEach(async () => {
  folder = tempFolder();
  fs.writeFileSync(path.join(folder, id('a')), sampleRecord(id('a'), 1));
  store = await openRecordStore(`disk:${folder}`);
});
afterEach(async () => {
  await store.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

it('a record that appeared during a run and looks like its own is named, never removed', async () => {
  const original = await store.read(id('a'));
  const ledger = await RecordLedger.open(
    { runId: 'r', record: { store, id: id('a') }, journal: { write: async () => {} }, clock: Date.now },
    original,
    { canaries: null, known: [id('a')] },
  );
  expect(await ledger.unexplained()).toEqual([]);
  // The run's own request made one under a known name; others appear under names that nothing explains.
  await store.create(id('b'), sampleRecord(id('b'), 0), Date.now());
  const own = await store.read(id('b'));
  await ledger.answered(true, original, own === undefined ? [] : [own]);
  await store.create(id('c'), sampleRecord(id('c'), 0), Date.now());
  fs.writeFileSync(path.join(folder, id('d')), Buffer.from('something else altogether, no session of this make'));
  await ledger.removeCreated();
  await ledger.undo();
  expect(await ledger.unexplained()).toEqual([id('c')]);
  expect(await store.read(id('c'))).toBeDefined();
  expect(await store.read(id('b'))).toBeUndefined();
});

it.each([
  ['%c3%a9%e4%bd%a0', 'é你'],
  ['"a\\"b\\054c"', 'a"b,c'],
  ['\xc3\xa9', 'é'],
  ['abc%00def', 'abc'],
  ['a+b', 'a b'],
  ['abc; x=1', 'abc'],
])('the value %j may have been read as %j', (raw, reading) => {
  expect(idReadings(raw)[0]).toBe(raw);
  expect(idReadings(raw)).toContain(reading);
});
