import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { decode } from '../../../core/codec/codec.ts';
import { RecordEditor } from '../../../core/editing/record-editor.ts';
import { sessionHandlers } from '../../../core/engine/handlers/sessions.ts';
import { openRecordStore } from '../../../core/frameworks/stores.ts';
import { RecordWatch } from '../../../core/registry/record-watch.ts';
import { codec } from '../../support/editing-harness.ts';
import { HEX, harness, record } from '../../support/registry-harness.ts';
import { wrapStore } from '../../support/wrap-store.ts';

it('a state that only the window was given, between two reads that saw the same, is announced as over', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'detail-'));
  const h = await harness();
  h.stores = true;
  const A = HEX('a');
  const file = path.join(folder, A);
  const opened = await openRecordStore(`disk:${folder}`);
  // Nothing but requests makes the registry read.
  const store = wrapStore(opened, { watch: () => () => {} });
  const watch = new RecordWatch({
    registry: h.registry,
    clock: () => h.now,
    decode: (found) => decode(found.bytes).value,
    spacingMs: 0,
  });
  watch.attach('store', store, 'x');
  const records = new RecordEditor({
    log: h.workspace.edits,
    snapshots: h.workspace.blobs,
    codec,
    store: () => store,
    clock: () => h.now,
    newId: () => 'e1',
    layers: undefined,
    keys: undefined,
    expectWrite: undefined,
    onEdit: undefined,
  });
  const handlers = sessionHandlers({
    registry: h.registry,
    workspace: h.workspace,
    records,
    watch,
    undo: { list: () => [] },
    cookies: { inBrowser: async () => undefined, standing: async () => undefined },
    stores: { size: 1 },
  } as unknown as Parameters<typeof sessionHandlers>[0]);
  const before = record(A, { count: 313 });
  writeFileSync(file, before);
  const keys = h.pass({ id: 'f1', setCookie: [`sid=${A}; Path=/`] });
  watch.flowSeen('f1', keys);
  await watch.idle();
  const key = h.key();
  h.registry.announce();

  writeFileSync(file, record(A, { count: 326 }));
  const { detail } = await handlers['session.detail']({ key });
  expect(JSON.stringify(detail?.record?.value)).toContain('326');
  writeFileSync(file, before);
  await watch.refresh(key);
  await watch.idle();
  await new Promise((resolve) => setImmediate(resolve));
  const told = h.changes.length;
  h.registry.announce();
  expect(h.changes.length).toBe(told + 1);
  expect(h.changes.at(-1)?.touched).toContain(key);
  const again = await handlers['session.detail']({ key });
  expect(JSON.stringify(again.detail?.record?.value)).toContain('313');

  watch.close();
  await opened.close();
  await h.close();
  rmSync(folder, { recursive: true });
});
