import { expect, it } from 'vitest';
import { keptBodies } from '../../../core/workspace/kept-bodies.ts';
import type { Removed } from '../../../core/workspace/retention.ts';
import { openWorkspace, type WorkspaceLimits } from '../../../core/workspace/workspace.ts';
import { makeFlow, makeSummary } from '../../support/flow-builder.ts';

const NOW = Date.UTC(2026, 10, 23);
const DAY = 86_400_000;

async function workspaceWith(limits: Partial<WorkspaceLimits>) {
  const removed: Removed[] = [];
  const log: string[] = [];
  const workspace = await openWorkspace(':memory:', { clock: () => NOW, limits, log: (_l, text) => log.push(text) });
  workspace.onRemoved((what) => removed.push(what));
  return { workspace, removed, log };
}

it('removes what is too old, with its sightings and bodies, and says so', async () => {
  const { workspace, removed, log } = await workspaceWith({ days: 30 });
  const bodies = keptBodies(workspace, 'r');
  const refs: string[] = [];
  for (let i = 0; i < 1_200; i += 1) {
    const age = i < 700 ? 40 : 10;
    const writer = bodies.open();
    writer.append(Buffer.from(`body ${i}`));
    const body = writer.close();
    refs.push(body.ref ?? '');
    const flow = makeFlow({ id: `f${i}`, at: NOW - age * DAY, url: `http://shop.test/${i}` });
    workspace.flows.put({ ...flow, request: { ...flow.request, body } });
  }
  const gone = workspace.sessions.newKey();
  const kept = workspace.sessions.newKey();
  for (const key of [gone, kept]) workspace.sessions.put({ summary: makeSummary({ key }), shown: true, memo: 0 });
  const sighting = { direction: 'request', at: 1, raw: 'x', id: 'x' } as const;
  workspace.sessions.putSighting(gone, { ...sighting, flowId: 'f1' });
  workspace.sessions.putSighting(kept, { ...sighting, flowId: 'f2' });
  workspace.sessions.putSighting(kept, { ...sighting, flowId: 'f900' });
  expect(await workspace.tidy()).toBe(700);
  expect(workspace.flows.count()).toBe(500);
  expect(workspace.flows.get('f699')).toBeUndefined();
  expect(workspace.flows.get('f700')).toBeDefined();
  expect(workspace.sessions.get(gone)).toBeUndefined();
  expect(workspace.sessions.get(kept)).toBeDefined();
  await expect(bodies.read(refs[1] ?? '')).rejects.toThrow();
  expect((await bodies.read(refs[900] ?? '')).toString()).toBe('body 900');
  expect(removed).toEqual([{ reason: 'age', flows: 700, sessions: 1 }]);
  expect(log).toEqual(['Removed 700 flows older than 30 days and 1 session that was seen only in them']);
  expect(await workspace.tidy()).toBe(0);
  workspace.flows.put(makeFlow({ id: 'after', url: 'http://shop.test/1' }));
  expect(workspace.flows.list({ filter: 'path:/1', limit: 1_000 }).map(({ id }) => id)).toContain('after');
  await workspace.close();
});

it('keeps to the number of flows and to the size, oldest first', async () => {
  const { workspace, removed } = await workspaceWith({ flows: 400 });
  for (let i = 0; i < 1_000; i += 1) workspace.flows.put(makeFlow({ id: `n${i}`, at: NOW - 1_000 + i }));
  expect(await workspace.tidy()).toBe(600);
  expect(workspace.flows.list({ limit: 1_000 }).at(-1)?.id).toBe('n600');
  expect(removed).toEqual([{ reason: 'count', flows: 600, sessions: 0 }]);
  await workspace.close();

  const small = await workspaceWith({ bytes: 3_000_000 });
  for (let i = 0; i < 3_000; i += 1) {
    const long = `${i}-${'x'.repeat(1_500)}`;
    small.workspace.flows.put(makeFlow({ id: `b${i}`, at: NOW - 5_000 + i, cookie: long }));
  }
  expect(small.workspace.size()).toBeGreaterThan(3_000_000);
  await small.workspace.tidy();
  expect(small.workspace.size()).toBeLessThan(2_800_000);
  expect(small.workspace.flows.count()).toBeGreaterThan(500);
  expect(small.workspace.flows.get('b2999')).toBeDefined();
  expect(small.removed).toMatchObject([{ reason: 'size' }]);
  expect(small.log[0]).toContain('larger than 3 MB');
  await small.workspace.close();
});

it('spares sessions that have a record or were edited here', async () => {
  const { workspace } = await workspaceWith({ days: 1 });
  workspace.flows.put(makeFlow({ id: 'old', at: NOW - 5 * DAY }));
  const [bare, joined, edited] = [1, 2, 3].map(() => workspace.sessions.newKey()) as [string, string, string];
  const record = { storeId: 'd', id: 'r', bytes: 1 };
  workspace.sessions.put({ summary: makeSummary({ key: bare }), shown: true, memo: 0 });
  workspace.sessions.put({ summary: makeSummary({ key: joined, record }), shown: true, memo: 0 });
  workspace.sessions.put({ summary: makeSummary({ key: edited }), shown: true, memo: 0 });
  workspace.edits.put({ id: 'e', at: 1, sessionKey: edited, phase: 'done', entry: {} });
  for (const key of [bare, joined, edited]) {
    workspace.sessions.putSighting(key, { flowId: 'old', direction: 'request', at: 1, raw: 'x', id: 'x' });
  }
  await workspace.tidy();
  expect(workspace.flows.count()).toBe(0);
  expect(workspace.sessions.get(bare)).toBeUndefined();
  expect(workspace.sessions.get(joined)).toBeDefined();
  expect(workspace.sessions.get(edited)).toBeDefined();
  await workspace.close();
});
