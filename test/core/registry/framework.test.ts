import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRecordStore } from '../../../core/frameworks/stores.ts';
import { RecordWatch } from '../../../core/registry/record-watch.ts';
import { tempFolder } from '../../contract/places.ts';
import { type Harness, harness } from '../../support/registry-harness.ts';

let folder: string;
let h: Harness;
beforeEach(async () => {
  folder = tempFolder();
  h = await harness();
});
afterEach(async () => {
  await h.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

const only = () => h.registry.summary(h.key());

it('the framework of a session is named by its cookie, and then by where its record lies', async () => {
  const id = 'abcdefghijklmnopqrstuv0123';
  h.pass({ setCookie: [`connect.sid=${id}; Path=/; HttpOnly`] }, 'connect.sid');
  expect(only()?.framework).toMatchObject({ id: 'express-session', why: expect.stringContaining('connect.sid') });
  const file = path.join(folder, `sess_${id}`);
  fs.writeFileSync(file, 'user|s:5:"alice";');
  const store = await openRecordStore(`disk:${folder}`);
  const watch = new RecordWatch({ registry: h.registry, clock: () => h.now, decode: () => null });
  watch.attach('s', store, 'PHP session files');
  await watch.idle();
  expect(only()?.record?.id).toBe(`sess_${id}`);
  expect(only()?.framework).toEqual({
    id: 'php',
    title: 'PHP',
    why: 'Its record lies as in PHP session files',
  });
  watch.close();
  await store.close();
});

it('nothing is named where several share the name and the form', () => {
  h.pass({ setCookie: ['session=3f2a9c0d1e4b5a69788796a5b4c3d2e1; Path=/; HttpOnly'] }, 'session');
  expect(only()?.framework).toBeUndefined();
});
