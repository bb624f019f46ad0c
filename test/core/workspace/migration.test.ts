import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keptBodies } from '../../../core/workspace/kept-bodies.ts';
import { openWorkspace } from '../../../core/workspace/workspace.ts';
import { makeFlow } from '../../support/flow-builder.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'migration-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Written by the program when its workspaces had version 2: five flows, each with a body, seen in one or two sessions. */
async function oldWorkspace(clock: () => number = Date.now) {
  const file = path.join(folder, 'w.sqlite');
  copyFileSync(path.join(import.meta.dirname, '../../fixtures/workspace/version-2.sqlite'), file);
  return openWorkspace(file, { clock, limits: { days: 30 } });
}

it('a workspace of version 2 has lost nothing: flows, sessions, bodies', async () => {
  const workspace = await oldWorkspace();
  expect(workspace.problem).toBeUndefined();
  expect(workspace.flows.list({ limit: 10 }).map(({ id, sessions }) => ({ id, sessions }))).toEqual([
    { id: 'old-4', sessions: ['s1'] },
    { id: 'old-3', sessions: ['s1'] },
    { id: 'old-2', sessions: ['s1', 's2'] },
    { id: 'old-1', sessions: ['s1'] },
    { id: 'old-0', sessions: ['s1'] },
  ]);
  const flow = workspace.flows.get('old-3');
  expect(flow).toMatchObject({ id: 'old-3', request: { url: 'http://shop.test/p/3', body: { size: 6, kept: 6 } } });
  const bodies = keptBodies(workspace, 'new');
  expect((await bodies.read(flow?.request.body.ref ?? '')).toString()).toBe('body 3');
  expect(workspace.flows.list({ filter: 'key:s2', limit: 10 }).map(({ id }) => id)).toEqual(['old-2']);
  expect(
    workspace.sessions
      .list({ filter: 'path:/p/2', limit: 10 })
      .map(({ key }) => key)
      .sort(),
  ).toEqual(['s1', 's2']);
  await workspace.close();
});

it('an old flow that is put again moves into a page, and keeps the sessions seen before', async () => {
  const workspace = await oldWorkspace();
  const flow = workspace.flows.get('old-2');
  if (flow === undefined) throw new Error('the flow is not there');
  workspace.flows.put({ ...flow, error: 'broken off' });
  workspace.sessions.putSighting('s3', { flowId: 'old-2', direction: 'request', at: 2, id: 'y', raw: 'y' });
  expect(workspace.flows.summary('old-2')?.sessions).toEqual(['s1', 's2', 's3']);
  await workspace.flush();
  expect(workspace.flows.get('old-2')).toEqual({ ...flow, error: 'broken off' });
  expect(workspace.flows.summary('old-2')).toMatchObject({ error: 'broken off', sessions: ['s1', 's2', 's3'] });
  await workspace.close();
});

it('old flows and new ones go with their bodies when the retention takes them', async () => {
  const now = 1_700_000_000_000 + 31 * 86_400_000;
  const workspace = await oldWorkspace(() => now);
  const ref = workspace.flows.get('old-0')?.request.body.ref ?? '';
  workspace.flows.put(makeFlow({ id: 'new', at: now }));
  expect(await workspace.tidy()).toBe(5);
  expect(workspace.flows.list({ limit: 10 }).map(({ id }) => id)).toEqual(['new']);
  await expect(keptBodies(workspace, 'b').read(ref)).rejects.toThrow('not kept');
  await workspace.close();
});
