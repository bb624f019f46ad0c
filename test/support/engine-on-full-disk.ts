/**
 * Runs in a mount namespace of its own: `FOLDER` is a small disk. Starts an engine whose workspace and whose application's
 * store lie on it, fills it, asks for changes, makes room again, and prints what happened as one line of JSON.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { parsePath } from '../../core/codec/path.ts';
import { createEngine } from '../../core/engine/engine.ts';
import type { Notice } from '../../core/model/app.ts';
import { ProblemError } from '../../core/model/problem.ts';
import { sampleRecord } from '../contract/samples.ts';
import { until } from './until.ts';

const [folder = '', id = ''] = process.argv.slice(2);
const file = path.join(folder, 'sessions', id);
const ballast = path.join(folder, 'ballast');
const body = Buffer.alloc(50_000, 'x').toString('latin1');

const origin = http.createServer((_, response) => void response.end(Math.random() + body));
await new Promise<void>((done) => origin.listen(0, '127.0.0.1', done));
const { port } = origin.address() as AddressInfo;

const engine = await createEngine({ mode: 'web', version: '1', dataFolder: path.join(folder, 'data') });
const notices: Notice[] = [];
engine.subscribe((name, event) => {
  if (name === 'notice') notices.push(event as Notice);
});
const { handlers } = engine;
const { proxy } = await handlers['app.info']({});

/** One request through the proxy: its status. */
const visit = () =>
  new Promise<number>((done, fail) => {
    const request = http.get(
      { host: '127.0.0.1', port: proxy.port, path: `http://127.0.0.1:${port}/page`, agent: false },
      (response) => {
        response.resume();
        response.on('end', () => done(response.statusCode ?? 0));
      },
    );
    request.on('error', fail);
  });

const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'acknowledged',
    (error: unknown) => (error instanceof ProblemError ? error.problem : String(error)),
  );

writeFileSync(ballast, '');
const store = (await handlers['stores.attach']({ address: `disk:${path.join(folder, 'sessions')}` })).store;
await handlers['settings.set']({ key: 'theme', value: 'dark' });
const record = (await handlers['record.get']({ storeId: store.storeId, id })).record;
await visit();

/** Fills the disk to its last byte. */
function fill(): void {
  for (const size of [1 << 16, 1 << 12, 1]) {
    try {
      for (;;) writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // It is full to within the size of this piece.
    }
  }
}
fill();

const statuses = [];
for (let i = 0; i < 40; i++) statuses.push(await visit());
fill();
const edits = [{ op: 'insert' as const, path: [...parsePath('note')], value: { t: 'str' as const, v: body } }];
const full = {
  settings: await outcome(handlers['settings.set']({ key: 'theme', value: 'light' })),
  rule: await outcome(handlers['proxy.record']({ on: false })),
  edit: await outcome(
    handlers['record.apply']({ storeId: store.storeId, id, revision: record?.revision ?? '', edits }),
  ),
};
await until(
  async () => notices,
  (seen) => seen.some(({ message }) => message.includes('could not be saved')),
);
const untouched = readFileSync(file).equals(Buffer.from(sampleRecord(id, 41)));
const leftBeside = readdirSync(path.join(folder, 'sessions'));

rmSync(ballast);
const room = {
  visit: await visit(),
  settings: await outcome(handlers['settings.set']({ key: 'language', value: 'en' })),
  edit: await outcome(
    handlers['record.apply']({ storeId: store.storeId, id, revision: record?.revision ?? '', edits }),
  ),
  values: (await handlers['settings.get']({})).values,
};
console.log(JSON.stringify({ statuses: [...new Set(statuses)], full, untouched, leftBeside, room, notices }));
await engine.close();
origin.close();
