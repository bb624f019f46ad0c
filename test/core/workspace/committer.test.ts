import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keptBodies } from '../../../core/workspace/kept-bodies.ts';
import { type Database, loadSqlite } from '../../../core/workspace/sqlite.ts';
import { openWorkspace, type Workspace, type WorkspaceOptions } from '../../../core/workspace/workspace.ts';
import { makeFlow } from '../../support/flow-builder.ts';

let folder = '';
let file = '';
const open = new Set<Workspace>();

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'workspace-'));
  file = path.join(folder, 'w.sqlite');
});

afterEach(async () => {
  for (const workspace of open) await workspace.close();
  open.clear();
  rmSync(folder, { recursive: true, force: true });
});

async function openOne(options: Partial<WorkspaceOptions> = {}): Promise<Workspace> {
  const workspace = await openWorkspace(file, { clock: Date.now, ...options });
  open.add(workspace);
  return workspace;
}

const nextSave = (workspace: Workspace) => new Promise<void>((resolve) => workspace.onSaved(resolve));
/** Through the same copy of the library: of two copies in one process neither sees the other's locks. */
const connect = async (): Promise<Database> => (await loadSqlite())(file);
const rows = async (sql: string): Promise<unknown[]> => {
  const db = await connect();
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
};

describe.each(['thread', 'here'] as const)('writes carried out: %s', (writer) => {
  it('are there for another connection once they are said to be saved', async () => {
    const workspace = await openOne({ writer });
    for (let i = 0; i < 300; i += 1) workspace.flows.put(makeFlow({ id: `f${i}` }), true);
    workspace.settings.set('theme', 'dark');
    await nextSave(workspace);
    expect(await rows('SELECT count(*) AS n FROM flow')).toEqual([{ n: 300 }]);
    expect(await rows('SELECT value FROM setting')).toEqual([{ value: '"dark"' }]);
  });

  it('keep their order when some wait for the time and some are asked for at once', async () => {
    const workspace = await openOne({ writer, batchMs: 1 });
    for (let i = 0; i < 200; i += 1) {
      workspace.settings.set('n', i);
      if (i % 7 === 0) expect(workspace.settings.get('n')).toBe(i);
      if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(workspace.settings.get('n')).toBe(199);
  });

  it('a flow and its sessions are answered for while the batch is on its way', async () => {
    const workspace = await openOne({ writer, batchMs: 1 });
    const key = workspace.sessions.newKey();
    const sighting = { flowId: 'f', at: 1, id: 'x', raw: 'x' } as const;
    workspace.flows.put(makeFlow({ id: 'f' }), true);
    workspace.sessions.putSighting(key, { ...sighting, direction: 'request' });
    const saved = nextSave(workspace);
    for (let i = 0; i < 50; i += 1) {
      expect(workspace.flows.summary('f')?.sessions).toEqual([key]);
      expect(workspace.flows.get('f')?.id).toBe('f');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await saved;
    workspace.sessions.putSighting(key, { ...sighting, direction: 'response' });
    expect(workspace.flows.summary('f')?.sessions).toEqual([key]);
    await workspace.flush();
    expect(await rows('SELECT s, direction FROM sighting')).toEqual([{ s: 1, direction: 3 }]);
  });

  it('what the file refuses is tried again, and nothing of it is lost', async () => {
    const told: string[] = [];
    const workspace = await openOne({ writer, log: (_level, message) => told.push(message) });
    workspace.settings.set('first', 1);
    await workspace.flush();
    const other = await connect();
    other.exec('BEGIN IMMEDIATE');
    workspace.settings.set('second', 2);
    await expect(workspace.flush()).rejects.toMatchObject({ problem: { kind: 'workspace-not-saved' } });
    expect(told.join()).toContain('it will be tried again');
    other.exec('ROLLBACK');
    other.close();
    workspace.settings.set('third', 3);
    await workspace.flush();
    expect(workspace.settings.all()).toEqual({ first: 1, second: 2, third: 3 });
  });

  it('what waits while the file refuses stays within bounds, and what is given up is counted', async () => {
    const told: string[] = [];
    const workspace = await openOne({ writer, log: (_level, message) => told.push(message) });
    const bodies = keptBodies(workspace, 'b');
    const other = await connect();
    other.exec('BEGIN IMMEDIATE');
    for (let i = 0; i < 40_000; i += 1) {
      const body = bodies.open();
      body.append(Buffer.from(`body ${i}`));
      const flow = makeFlow({ id: `f${i}` });
      workspace.flows.put({ ...flow, request: { ...flow.request, body: body.close() } }, true);
    }
    await expect(workspace.flush()).rejects.toMatchObject({ problem: { kind: 'workspace-not-saved' } });
    other.exec('ROLLBACK');
    other.close();
    await workspace.flush();
    const [{ flows, kept }] = (await rows(
      'SELECT (SELECT count(*) FROM flow) flows, (SELECT count(*) FROM body) kept',
    )) as [{ flows: number; kept: number }];
    const lost = told.reduce((sum, message) => sum + Number(/(\d+) changes are lost/.exec(message)?.[1] ?? 0), 0);
    expect(lost).toBeGreaterThanOrEqual(30_000);
    expect(flows + kept + lost).toBe(80_000);
    expect(workspace.flows.get('f39999')?.id).toBe('f39999');
  });

  it('an edit that cannot be logged throws, so that nothing is edited without a way back', async () => {
    const workspace = await openOne({ writer });
    const other = await connect();
    other.exec('BEGIN IMMEDIATE');
    expect(() => workspace.edits.put({ id: 'e', at: 1, phase: 'intent', entry: {} })).toThrow(/locked/);
    other.exec('ROLLBACK');
    other.close();
    workspace.edits.put({ id: 'e', at: 1, phase: 'intent', entry: { a: 1 } });
    expect(await rows('SELECT id, phase FROM edit')).toEqual([{ id: 'e', phase: 'intent' }]);
  });
});

describe('the writing thread', () => {
  const worker = (text: string): URL => {
    const script = path.join(folder, 'worker.mjs');
    writeFileSync(script, text);
    return pathToFileURL(script);
  };

  it.each([
    ['cannot start', 'throw new Error("no such thing");'],
    [
      'ends at its first batch',
      "import { workerData } from 'node:worker_threads'; workerData.port.on('message', () => process.exit(3));",
    ],
  ])('%s: this thread goes on in its place, nothing is lost, and the person is told', async (_name, text) => {
    const told: string[] = [];
    const workspace = await openOne({ writerUrl: worker(text), log: (_level, message) => told.push(message) });
    for (let i = 0; i < 20; i += 1) workspace.flows.put(makeFlow({ id: `f${i}` }), true);
    await nextSave(workspace);
    workspace.flows.put(makeFlow({ id: 'later' }), true);
    await workspace.flush();
    expect(await rows('SELECT count(*) AS n FROM flow')).toEqual([{ n: 21 }]);
    expect(told.join()).toContain('The thread that writes the workspace failed');
  });

  it('that dies once is replaced by another; all is written, and one sentence says so', async () => {
    const told: string[] = [];
    const real = new URL('../../../core/workspace/writer-worker.ts', import.meta.url).href;
    const once = JSON.stringify(path.join(folder, 'died'));
    // The first one ends in the middle of its second batch, as a crash would end it.
    const text = `import fs from 'node:fs';
      import { workerData } from 'node:worker_threads';
      let batches = 0;
      if (!fs.existsSync(${once})) {
        workerData.port.on('message', (ask) => {
          if (ask.kind !== 'write' || (batches += 1) < 2) return;
          fs.writeFileSync(${once}, '');
          process.exit(9);
        });
      }
      await import(${JSON.stringify(real)});`;
    const workspace = await openOne({ writerUrl: worker(text), log: (_level, message) => told.push(message) });
    for (let batch = 0; batch < 4; batch += 1) {
      for (let i = 0; i < 20; i += 1) workspace.flows.put(makeFlow({ id: `f${batch}-${i}` }), true);
      await nextSave(workspace);
    }
    await workspace.flush();
    expect(await rows('SELECT count(*) AS n FROM flow')).toEqual([{ n: 80 }]);
    expect(told).toEqual([
      'The thread that writes the workspace failed: it ended. Another one carries its work on; nothing is lost.',
    ]);
  });

  it('leaves the thread that asks alone while it writes', async () => {
    const workspace = await openOne({ batchMs: 1 });
    const big = 'x'.repeat(20_000);
    for (let i = 0; i < 2_000; i += 1) workspace.settings.set(`k${i}`, big + i);
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 1);
    await nextSave(workspace);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(3);
  });
});
