/*
 * A command that is told to end, or is killed, in the middle of an edit: after the store's own step, before the log says
 * that it was done. node signal-in-edit.ts SIGNAL STORE-URL ID DATA-FOLDER
 */

import { withEdits } from '../../cli/edit-log.ts';
import { installEndings } from '../../cli/ending.ts';
import { openRecordStore } from '../../core/frameworks/stores.ts';
import { wrapStore } from './wrap-store.ts';

const [signal = '', url = '', id = '', data = ''] = process.argv.slice(2);
installEndings();
const store = await openRecordStore(url);
const deadly = wrapStore(store, {
  async remove(...args) {
    const removed = await store.remove(...args);
    process.kill(process.pid, signal);
    // The signal is handled before the edit goes on.
    await new Promise((resolve) => setImmediate(resolve));
    return removed;
  },
});
await withEdits(data, deadly, ({ storeId, remove }) => remove({ storeId, id }));
await new Promise((resolve) => setTimeout(resolve, 10_000));
process.stdout.write('went on\n');
