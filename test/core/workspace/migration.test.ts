import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keptBodies } from '../../../core/workspace/kept-bodies.ts';
import { openWorkspace } from '../../../core/workspace/workspace.ts';
import { makeFlow } from '../../support/flow-builder.ts';
import { HEX, harness } from '../../support/registry-harness.ts';

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

/** Written by the program when its workspaces had version 3 and a cookie was its name. */
it('a workspace of version 3: cookies get their paths, what another port issued is left, states are events', async () => {
  const file = path.join(folder, 'w.sqlite');
  copyFileSync(path.join(import.meta.dirname, '../../fixtures/workspace/version-3.sqlite'), file);
  const h = await harness(file);
  expect(h.workspace.problem).toBeUndefined();
  const list = (filter: string) => h.workspace.sessions.list({ limit: 20, filter });
  const [A, B, C, D, E, F] = ['a', 'b', 'c', 'd', 'e', 'f'].map(HEX);
  // The practice site issued it and has its record; the other port's row was joined with the very same record.
  expect(list(`id:${A} host:36913`)).toMatchObject([{ state: 'live', record: { storeId: 'practice' } }]);
  const [along] = list(`id:${A} host:8080`);
  expect(along).toMatchObject({ state: 'unknown', foreign: { issuer: '127.0.0.1:36913', sure: true } });
  expect(along).not.toHaveProperty('record');
  expect(h.registry.get(along?.key ?? '')).not.toHaveProperty('record');
  expect(h.registry.ofRecord('practice', A ?? '')).toHaveLength(1);
  expect(list(`id:${B}`)).toMatchObject([{ host: '127.0.0.1:8080' }]);

  expect(list(`id:${C}`)).toMatchObject([{ carrier: { path: '/sub/' }, state: 'live', score: { verdict: 'session' } }]);
  const sent = { url: 'http://shop.test/sub/x', cookie: `webpy_session_id=${C}` };
  expect(h.pass(sent, 'webpy_session_id')).toEqual([list(`id:${C}`)[0]?.key]);

  expect(list(`id:${D}`)).toMatchObject([{ state: 'continued', event: { because: 'login' } }]);
  expect(h.registry.get(list(`id:${D}`)[0]?.key ?? '')?.fate).toMatchObject({ state: 'continued' });
  expect(list(`id:${E}`)).toMatchObject([{ state: 'ended' }]);
  expect(h.registry.get(list(`id:${E}`)[0]?.key ?? '')).toMatchObject({ fate: { state: 'ended' } });
  expect(list(`id:${F}`)).toMatchObject([{ state: 'expired' }]);
  const kinds = (id = '') => h.timeline(list(`id:${id}`)[0]?.key ?? '').map((entry) => entry.kind);
  expect(kinds(D)).toEqual(['created', 'state']);
  expect(kinds(E)).toEqual(['created', 'follows', 'state']);
  expect(kinds(F)).toEqual(['created', 'state']);
  await h.close();
});
