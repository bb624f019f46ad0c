/** Run as another user by `looking.test.ts`: looks at a store in every way, and says what failed. */
import { FRAMEWORKS } from '../../core/frameworks/catalog.ts';
import { guessStoreUrls, openRecordStore } from '../../core/frameworks/stores.ts';

const [, , url = ''] = process.argv;
if (FRAMEWORKS.length === 0) throw new Error('no frameworks');
const store = await openRecordStore(url, { pollMs: 50 });
let records = 0;
for await (const { id } of store.list()) {
  records += 1;
  await store.read(id);
}
if (store.scan !== undefined) for await (const _ of store.scan()) records += 0;
const stop = store.watch(() => {});
await new Promise((resolve) => setTimeout(resolve, 200));
stop();
await store.close();
await guessStoreUrls(url.replace(/^\w+:/, '').replace(/\?.*/, ''));
process.stdout.write(String(records));
