import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import type { Notice } from '../../../core/model/app.ts';
import { refusalOf } from '../../../core/workspace/disk-refuses.ts';
import { type Database, loadSqlite } from '../../../core/workspace/sqlite.ts';

let folder = '';
const open: (Engine | Database)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-refused-'));
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(proxyPort?: number): Promise<{ engine: Engine; notices: Notice[] }> {
  const engine = await createEngine({
    mode: 'web',
    version: '1',
    dataFolder: folder,
    ...(proxyPort === undefined ? {} : { proxyPort }),
  });
  open.push(engine);
  const notices: Notice[] = [];
  engine.subscribe((name, event) => {
    if (name === 'notice') notices.push(event as Notice);
  });
  await engine.handlers['app.info']({});
  return { engine, notices };
}

it('nothing is acknowledged that is not saved, and the reason stands there in words', async () => {
  const { engine } = await start();
  const { handlers } = engine;
  await handlers['settings.set']({ key: 'theme', value: 'dark' });
  const other = (await loadSqlite())(path.join(folder, 'workspace.sqlite'));
  open.unshift(other);
  other.exec('BEGIN IMMEDIATE');
  const refused = {
    problem: { kind: 'workspace-not-saved', message: expect.stringMatching(/^It could not be saved: another program/) },
  };
  await expect(handlers['settings.set']({ key: 'theme', value: 'light' })).rejects.toMatchObject(refused);
  await expect(handlers['proxy.record']({ on: false })).rejects.toMatchObject(refused);
  await expect(handlers['proxy.settings.set']({ bypass: ['x.test'] } as never)).rejects.toMatchObject(refused);
  other.exec('ROLLBACK');
  await handlers['settings.set']({ key: 'language', value: 'en' });
  expect((await handlers['settings.get']({})).values).toMatchObject({ theme: 'light', language: 'en' });
});

it.each([
  ['SQLITE_FULL', /^the disk is full \(/],
  ['SQLITE_READONLY_DBMOVED', /^the file or its folder is read-only \(/],
  ['SQLITE_IOERR_WRITE', /^the disk reports an error \(/],
  ['SQLITE_BUSY', /^another program holds the file \(/],
])('%s is said in words, with what to do', (code, message) => {
  const error = Object.assign(new Error('as SQLite says it'), { code });
  expect(refusalOf(error)).toMatchObject({ kind: 'workspace-not-saved', remedy: expect.stringContaining('room') });
  expect(refusalOf(error).message).toMatch(message);
});

it('a data folder that cannot be made is a sentence', async () => {
  const file = path.join(folder, 'file');
  await writeFile(file, '');
  await expect(createEngine({ mode: 'web', version: '1', dataFolder: path.join(file, 'data') })).rejects.toMatchObject({
    problem: { kind: 'workspace-refused', remedy: expect.stringContaining('folder') },
  });
});

it('a port that another program has: a notice with both ports and what to do', async () => {
  const server = net.createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const taken = (server.address() as AddressInfo).port;
  try {
    const { engine, notices } = await start(taken);
    const { proxy } = await engine.handlers['app.info']({});
    expect(proxy.port).not.toBe(taken);
    const notice = notices.find(({ kind }) => kind === 'port-taken');
    for (const text of [notice?.message, notice?.remedy]) {
      expect(text).toContain(String(taken));
      expect(text).toContain(String(proxy.port));
    }
  } finally {
    server.close();
  }
});
