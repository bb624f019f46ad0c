import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWorkspace, type Workspace, type WorkspaceOptions } from '../../../core/workspace/workspace.ts';
import { makeFlow } from '../../support/flow-builder.ts';

let folder = '';
const open = new Set<Workspace>();
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'reader-'));
});
afterEach(async () => {
  for (const workspace of open) await workspace.close();
  open.clear();
  rmSync(folder, { recursive: true, force: true });
});

async function openOne(options: Partial<WorkspaceOptions> = {}): Promise<Workspace> {
  const workspace = await openWorkspace(path.join(folder, 'w.sqlite'), { clock: Date.now, ...options });
  open.add(workspace);
  return workspace;
}

function fill(workspace: Workspace, count: number, from = 0): void {
  for (let i = from; i < from + count; i += 1) {
    const url = i % 1_000 === 0 ? `http://rare.test/${i}` : `http://shop.test/page/${i % 97}`;
    workspace.flows.put(makeFlow({ id: `f${i}`, url }), true);
  }
}

const superseded = { problem: { kind: 'superseded' } };

it('a read sees all that was written before it was asked, without waiting in this thread', async () => {
  const workspace = await openOne({ batchMs: 60_000 });
  for (let round = 0; round < 20; round += 1) {
    fill(workspace, 30, round * 30);
    const { flows, total } = await workspace.lists.read('flows', { limit: 5 });
    expect(total).toBe((round + 1) * 30);
    expect(flows[0]?.id).toBe(`f${round * 30 + 29}`);
  }
});

it('gives the same pages and numbers as this thread does, whatever the filter', async () => {
  const workspace = await openOne();
  fill(workspace, 9_000);
  const filters = [undefined, 'host:rare', 'app1', '-host:shop', 'status:200', 'is:error', 'host:rare or url:/page/7'];
  for (const filter of filters) {
    const query = { limit: 50, ...(filter === undefined ? {} : { filter }) };
    for (let before: string | undefined, pages = 0; pages < 3; pages += 1) {
      const asked = { ...query, ...(before === undefined ? {} : { before }) };
      const { flows, total, about } = await workspace.lists.read('flows', asked);
      expect(flows, filter).toEqual(workspace.flows.list(asked));
      if (about === undefined) expect(total, filter).toBe(workspace.flows.count(query));
      before = flows.at(-1)?.id;
      if (before === undefined) break;
    }
  }
  await expect(workspace.lists.read('flows', { limit: 5, filter: 'nosuch:field' })).rejects.toMatchObject({
    problem: { kind: 'filter' },
  });
});

it('the newest question of a list wins, older ones are over at once, other lists go on', async () => {
  const workspace = await openOne();
  fill(workspace, 5_000);
  await workspace.flush();
  const typed = ['r', 'ra', 'rar', 'rare'].map((filter) =>
    workspace.lists.read('flows', { filter, limit: 10 }, 'list of a window').then(
      ({ flows }) => flows.length,
      (error: unknown) => error,
    ),
  );
  const other = workspace.lists.read('flows', { filter: 'rare', limit: 10 }, 'another window');
  const answers = await Promise.all(typed);
  for (const answer of answers.slice(0, -1)) expect(answer).toMatchObject(superseded);
  expect(answers.at(-1)).toBe(5);
  expect((await other).flows).toHaveLength(5);
});

it('keeps the number of flows true while they come, and when the retention removes some', async () => {
  const workspace = await openOne({ limits: { flows: 500, days: 3_650, bytes: 1e12 } });
  fill(workspace, 400);
  const total = async () => (await workspace.lists.read('flows', { limit: 10, hideOwn: true })).total;
  expect(await total()).toBe(400);
  fill(workspace, 50, 400);
  expect(await total()).toBe(450);
  fill(workspace, 350, 450);
  await workspace.flush();
  await workspace.tidy();
  expect(await total()).toBe(workspace.flows.count());
  expect(await total()).toBeLessThanOrEqual(500);
});

it('sessions come by pages without gaps, in the order of their last activity', async () => {
  const workspace = await openOne();
  for (let i = 0; i < 230; i += 1) {
    const key = workspace.sessions.newKey();
    const lastActivity = 1_000 + (i % 50);
    workspace.sessions.put({
      summary: {
        key,
        host: `app${i % 3}.test`,
        carrier: { kind: 'cookie', name: 'sid' },
        id: `id${i}`,
        state: 'live',
        score: { value: 90, reasons: [] },
        lastActivity,
        flows: 1,
      } as never,
      shown: true,
      memo: null,
    });
  }
  const seen: string[] = [];
  let last = Number.POSITIVE_INFINITY;
  for (let after: { at: number; key: string } | undefined; ; ) {
    const query = { limit: 40, filter: 'host:app', ...(after === undefined ? {} : { after }) };
    const { sessions, total, all } = await workspace.lists.read('sessions', query);
    expect([total, all]).toEqual([230, 230]);
    for (const { key, lastActivity } of sessions) {
      expect(lastActivity).toBeLessThanOrEqual(last);
      last = lastActivity;
      seen.push(key);
    }
    const end = sessions.at(-1);
    if (end === undefined || sessions.length < 40) break;
    after = { at: end.lastActivity, key: end.key };
  }
  expect(new Set(seen).size).toBe(230);
});

it('a thread that dies is replaced; what it was asked is answered all the same', async () => {
  const script = path.join(folder, 'worker.mjs');
  writeFileSync(
    script,
    `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => process.exit(7));`,
  );
  const lines: string[] = [];
  const workspace = await openOne({ readerUrl: pathToFileURL(script), log: (_level, line) => lines.push(line) });
  fill(workspace, 20);
  for (let i = 0; i < 5; i += 1) {
    expect((await workspace.lists.read('flows', { limit: 5 })).total).toBe(20);
  }
  expect(lines.filter((line) => line.includes('reads the workspace failed'))).toHaveLength(3);
});

it('what is asked when the workspace closes is told so', async () => {
  const workspace = await openOne();
  fill(workspace, 2_000);
  const asked = workspace.lists.read('flows', { limit: 5, filter: 'rare' }).catch((error: unknown) => error);
  await workspace.close();
  open.delete(workspace);
  const answer = await asked;
  if (answer instanceof Error) expect(answer).toMatchObject({ problem: { kind: 'closed' } });
  else expect(answer).toMatchObject({ total: 2 });
});
