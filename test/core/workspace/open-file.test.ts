import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWorkspace, type Workspace, type WorkspaceOptions } from '../../../core/workspace/workspace.ts';
import { makeFlow } from '../../support/flow-builder.ts';

let folder: string;
let file: string;
const open: Workspace[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'workspace-'));
  file = path.join(folder, 'w.sqlite');
});

afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.close();
  rmSync(folder, { recursive: true });
});

async function openOne(where = file, more: Partial<WorkspaceOptions> = {}): Promise<Workspace> {
  const workspace = await openWorkspace(where, { clock: () => Date.UTC(2026, 10, 23, 17, 0, 0), ...more });
  open.push(workspace);
  return workspace;
}

async function filled(): Promise<void> {
  const workspace = await openOne();
  for (let i = 0; i < 300; i += 1) workspace.flows.put(makeFlow());
  await workspace.close();
}

it('makes the folder, and works in memory', async () => {
  const deep = await openOne(path.join(folder, 'a', 'b', 'w.sqlite'));
  deep.flows.put(makeFlow());
  expect(deep.flows.count()).toBe(1);
  if (process.platform !== 'win32') {
    for (const tail of ['', '-wal']) expect(statSync(deep.file + tail).mode & 0o777, tail).toBe(0o600);
  }
  const memory = await openOne(':memory:');
  memory.flows.put(makeFlow());
  expect(memory.flows.count()).toBe(1);
});

it('refuses a workspace that another process has, and takes it once that is gone', async () => {
  await openOne();
  const opener = `
    import { openWorkspace } from ${JSON.stringify(path.resolve('core/workspace/workspace.ts'))};
    try { const w = await openWorkspace(${JSON.stringify(file)}, { clock: Date.now }); console.log('opened'); await w.close(); }
    catch (error) { console.log(error.problem?.kind, '|', error.problem?.remedy); }`;
  const run = () =>
    execFileSync(process.execPath, ['--input-type=module', '-e', opener], { encoding: 'utf8', cwd: process.cwd() });
  expect(run()).toMatch(/^workspace-in-use \| Close the other one/);
  await open[0]?.close();
  expect(run()).toMatch(/^opened/);
});

it('opens another file beside one in use when asked to', async () => {
  await openOne();
  await expect(openOne()).rejects.toMatchObject({ problem: { kind: 'workspace-in-use', where: file } });
  const second = await openOne(file, { whenInUse: 'another-file' });
  expect(second.file).toBe(path.join(folder, 'w-2.sqlite'));
  expect(second.problem).toMatchObject({ kind: 'workspace-in-use', remedy: expect.stringContaining('w-2.sqlite') });
});

it.each([
  ['no database at all', () => writeFileSync(file, 'this is not a database, it is a text of some length\n'.repeat(40))],
  [
    'a page that was overwritten',
    async () => {
      await filled();
      const bytes = readFileSync(file);
      bytes.fill(0xff, 4_096 * 3, 4_096 * 12);
      writeFileSync(file, bytes);
    },
  ],
  [
    'cut off in the middle',
    async () => {
      await filled();
      writeFileSync(file, readFileSync(file).subarray(0, 20_000));
    },
  ],
])('a damaged file (%s) is kept aside, byte for byte, and a new one is begun', async (_name, damage) => {
  await damage();
  const before = readFileSync(file);
  const workspace = await openOne();
  expect(workspace.problem).toMatchObject({ kind: 'workspace-damaged', where: file });
  expect(workspace.problem?.remedy).toContain('w.damaged-20261123T170000.sqlite');
  expect(workspace.flows.count()).toBe(0);
  workspace.flows.put(makeFlow());
  expect(workspace.flows.count()).toBe(1);
  expect(readFileSync(path.join(folder, 'w.damaged-20261123T170000.sqlite')).equals(before)).toBe(true);
});

it('a file of a newer version, and another database, are kept aside untouched', async () => {
  await filled();
  const newer = new Database(file);
  newer.pragma('user_version = 99');
  newer.close();
  const workspace = await openOne();
  expect(workspace.problem?.kind).toBe('workspace-newer');
  await workspace.close();
  expect(readdirSync(folder)).toContain('w.newer-20261123T170000.sqlite');
  const kept = new Database(path.join(folder, 'w.newer-20261123T170000.sqlite'), { readonly: true });
  expect(kept.prepare('SELECT count(*) AS count FROM flow').get()).toEqual({ count: 300 });
  kept.close();

  const foreign = path.join(folder, 'sessions.db');
  const other = new Database(foreign);
  other.exec("CREATE TABLE sessions (session_id text); INSERT INTO sessions VALUES ('a')");
  other.close();
  expect((await openOne(foreign)).problem?.kind).toBe('workspace-foreign');
  expect(existsSync(path.join(folder, 'sessions.foreign-20261123T170000.db'))).toBe(true);
});

it('says what to do where nothing can be opened', async () => {
  mkdirSync(file);
  await expect(openOne()).rejects.toMatchObject({ problem: { kind: 'workspace-refused', where: file } });
  writeFileSync(path.join(folder, 'plain'), '');
  await expect(openOne(path.join(folder, 'plain', 'w.sqlite'))).rejects.toMatchObject({
    problem: { kind: 'workspace-refused', remedy: expect.stringContaining('--workspace') },
  });
});
