/*
 * A process that is killed (kill -9, by itself) in the middle of an edit: before or after the store's own step.
 * node die-in-store.ts WORKSPACE STORE-URL ID before|after apply|remove|age|undo [EDIT-ID]
 */

import { openRecordStore } from '../../core/frameworks/stores.ts';
import type { RecordStore } from '../../core/model/record.ts';
import { desk, set } from './editing-harness.ts';
import { wrapStore } from './wrap-store.ts';

const [file = '', url = '', id = '', moment = '', what = '', editId = ''] = process.argv.slice(2);
const store = await openRecordStore(url);

function dying<A extends unknown[], R>(step: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return async (...args) => {
    if (moment === 'before') process.kill(process.pid, 'SIGKILL');
    const result = await step(...args);
    process.kill(process.pid, 'SIGKILL');
    return result;
  };
}

const deadly: RecordStore = wrapStore(store, {
  replace: dying((...args) => store.replace(...args)),
  create: dying((...args) => store.create(...args)),
  remove: dying((...args) => store.remove(...args)),
  setLastUsed: dying((...args) => store.setLastUsed(...args)),
});

const { editor, undo } = await desk(file, { store: deadly });
const address = { storeId: 'store', id, sessionKey: 's1' };
if (what === 'apply') {
  const revision = (await editor.view('store', id))?.revision ?? '';
  await editor.apply({ ...address, revision, edits: [set('count', '41')] });
} else if (what === 'remove') await editor.remove(address);
else if (what === 'age') await editor.age(address, 90_000);
else if (what === 'undo') await undo.undo(editId);
else throw new Error(`Nothing known of ${what}`);
