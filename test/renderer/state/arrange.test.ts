import { expect, test } from 'vitest';
import { flow, session } from '../../../renderer/src/fake/fake-data.ts';
import { arranged } from '../../../renderer/src/state/arrange.ts';
import { sortedFlows, withAddress } from '../../../renderer/src/state/flow-columns.ts';
import { readSettings, type Settings, withMark } from '../../../renderer/src/state/settings.ts';

const NOW = 1_700_000_000_000;
const all = [
  session(1, NOW, { key: 'a', host: 'shop.test', flows: 2, lastActivity: NOW - 1 }),
  session(2, NOW, { key: 'b', host: 'api.test', flows: 9, lastActivity: NOW - 2, identity: 'blue' }),
  session(3, NOW, { key: 'c', host: 'shop.test', flows: 5, lastActivity: NOW - 3 }),
];
const list = { order: ['a', 'b', 'c'], rows: new Map(all.map((one) => [one.key, one])) };
const plain = { grouping: 'none', sorting: 'activity', marks: {}, cleared: 0, showHidden: false } as const;
const keys = (how: Partial<Parameters<typeof arranged>[1]>) =>
  arranged(list, { ...plain, ...how }).lines.map((line) => (line.kind === 'group' ? `[${line.value}]` : line.key));

test('sessions are sorted by what the user chose, and pinned ones stand on top', () => {
  expect(keys({})).toEqual(['a', 'b', 'c']);
  expect(keys({ sorting: 'host' })).toEqual(['b', 'a', 'c']);
  expect(keys({ sorting: 'flows' })).toEqual(['b', 'c', 'a']);
  expect(keys({ sorting: 'name', marks: { c: { name: 'Bob' } } })[0]).toBe('c');
  expect(keys({ marks: { c: { pinned: true } } })).toEqual(['c', 'a', 'b']);
});

test('groups bear their value and how many they have', () => {
  expect(keys({ grouping: 'host' })).toEqual(['[shop.test]', 'a', 'c', '[api.test]', 'b']);
  expect(keys({ grouping: 'identity' })).toEqual(['[]', 'a', 'c', '[blue]', 'b']);
});

test('what is hidden or cleared is out of sight and counted; what is pinned stays', () => {
  const hidden = { ...plain, marks: { a: { hidden: true } } };
  expect(arranged(list, hidden)).toMatchObject({ hidden: 1, lines: [{ key: 'b' }, { key: 'c' }] });
  expect(keys({ ...hidden, showHidden: true })).toEqual(['a', 'b', 'c']);
  expect(keys({ cleared: NOW - 2 })).toEqual(['a']);
  expect(keys({ cleared: NOW, marks: { c: { pinned: true } } })).toEqual(['c']);
});

test('marks that say nothing are left out, and stored ones are read field by field', () => {
  expect(withMark({ a: { pinned: true } }, 'a', { pinned: false })).toEqual({});
  expect(withMark({}, 'a', { name: '  Bob ' })).toEqual({ a: { name: 'Bob' } });
  const base = { marks: {}, flowColumns: ['at'], cleared: 0 } as unknown as Settings;
  const read = readSettings(
    { marks: { a: { name: 7, pinned: true }, b: 'x' }, flowColumns: ['time', 'bogus', 'at'], cleared: 'no' },
    base,
  );
  expect(read.marks).toEqual({ a: { pinned: true } });
  expect(read.flowColumns).toEqual(['at', 'time']);
  expect(read.cleared).toBe(0);
});

test('flows are sorted by a column; equal ones keep the order of time; the address always has its place', () => {
  const flows = [
    flow(0, NOW, { responseBytes: 5 }),
    flow(1, NOW, { responseBytes: 9 }),
    flow(2, NOW, { responseBytes: 5 }),
  ];
  const order = (sort: Parameters<typeof sortedFlows>[1]) => sortedFlows(flows, sort).map((one) => flows.indexOf(one));
  expect(order(null)).toEqual([0, 1, 2]);
  expect(order({ by: 'size', down: true })).toEqual([1, 0, 2]);
  expect(order({ by: 'size', down: false })).toEqual([0, 2, 1]);
  expect(withAddress(['at', 'time'])).toEqual(['at', 'url', 'time']);
  expect(withAddress([])).toEqual(['url']);
});
