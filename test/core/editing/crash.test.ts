import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRecordStore } from '../../../core/frameworks/stores.ts';
import type { RecordStore } from '../../../core/model/record.ts';
import { desk } from '../../support/editing-harness.ts';
import { HEX, record } from '../../support/registry-harness.ts';

const A = HEX('a');
const BEFORE = record(A, { count: 3 });
let folder: string;
let store: RecordStore;
let url: string;
let file: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'crash-'));
  mkdirSync(path.join(folder, 'store'));
  url = `disk:${path.join(folder, 'store')}`;
  file = path.join(folder, 'w.sqlite');
  store = await openRecordStore(url);
  await store.create(A, BEFORE, 1_700_000_000_000);
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function die(...args: string[]): void {
  const script = path.resolve('test/support/die-in-store.ts');
  const ended = spawnSync(process.execPath, [script, file, url, A, ...args], { encoding: 'utf8' });
  expect(ended.signal, ended.stderr).toBe('SIGKILL');
}

async function reopened<T>(look: (d: Awaited<ReturnType<typeof desk>>) => Promise<T>): Promise<T> {
  const d = await desk(file, { store });
  try {
    return await look(d);
  } finally {
    await d.workspace.close();
  }
}

const bytes = async () => (await store.read(A))?.bytes;
const same = (a: Uint8Array | undefined, b: Uint8Array) => a !== undefined && Buffer.compare(a, b) === 0;

describe('a process killed in the middle of an edit', () => {
  it.each(['apply', 'remove', 'age'] as const)(
    '%s, before the store was written: struck out, nothing has changed',
    async (what) => {
      die('before', what);
      await reopened(async ({ undo }) => {
        expect(undo.list()).toEqual([]);
        const found = await undo.recover('store');
        expect(found).toMatchObject([
          { outcome: 'not-done', text: expect.stringContaining('the record is as it was') },
        ]);
        expect(same(await bytes(), BEFORE)).toBe(true);
        expect((await store.read(A))?.lastUsed).toBe(1_700_000_000_000);
        expect(undo.list()).toEqual([]);
        expect(await undo.recover('store')).toEqual([]);
      });
    },
  );

  it.each(['apply', 'remove', 'age'] as const)(
    '%s, after the store was written: completed, and can be undone',
    async (what) => {
      die('after', what);
      await reopened(async ({ undo }) => {
        const found = await undo.recover('store');
        expect(found).toMatchObject([{ outcome: 'completed', edit: { state: 'applied', sessionKey: 's1' } }]);
        const changed = await store.read(A);
        if (what === 'remove') expect(changed).toBeUndefined();
        else if (what === 'age') expect(changed?.lastUsed).toBe(1_700_000_000_000 - 90_000_000);
        else expect(same(changed?.bytes, record(A, { count: 41 }))).toBe(true);
        await undo.undo(found[0]?.edit.editId ?? '');
        expect(same(await bytes(), BEFORE)).toBe(true);
        expect((await store.read(A))?.lastUsed).toBe(1_700_000_000_000);
      });
    },
  );

  it.each(['before', 'after'])('an undo, %s its write', async (moment) => {
    const editId = await reopened(async ({ editor }) => (await editor.remove({ storeId: 'store', id: A })).editId);
    die(moment, 'undo', editId);
    await reopened(async ({ undo }) => {
      const [found] = await undo.recover('store');
      expect(found?.outcome).toBe(moment === 'before' ? 'not-done' : 'completed');
      expect(undo.list()).toMatchObject([{ editId, state: moment === 'before' ? 'applied' : 'undone' }]);
      if (moment === 'before') {
        expect(await bytes()).toBeUndefined();
        await undo.undo(editId);
      }
      expect(same(await bytes(), BEFORE)).toBe(true);
    });
  });

  it('says that it cannot tell when the record changed in between', async () => {
    die('before', 'apply');
    const found = await store.read(A);
    await store.replace(A, record(A, { count: 77 }), found?.revision ?? '');
    await reopened(async ({ undo }) => {
      expect(await undo.recover('store')).toMatchObject([
        { outcome: 'unclear', text: expect.stringContaining('look at it') },
      ]);
      expect(same(await bytes(), record(A, { count: 77 }))).toBe(true);
    });
  });
});
