import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createCapture } from '../../../core/capture/capture.ts';
import { RecordEditor } from '../../../core/editing/record-editor.ts';
import { Undo } from '../../../core/editing/undo.ts';
import { openRecordStore } from '../../../core/frameworks/stores.ts';
import type { RecordStore } from '../../../core/model/record.ts';
import type { TimelineEntry } from '../../../core/model/session.ts';
import { loadOrCreateAuthority } from '../../../core/proxy/certificates/authority-files.ts';
import type { Proxy as ProxyHandle } from '../../../core/proxy/options.ts';
import { startProxy } from '../../../core/proxy/proxy.ts';
import { RecordWatch } from '../../../core/registry/record-watch.ts';
import { Registry } from '../../../core/registry/registry.ts';
import { archiveOf } from '../../../core/workspace/archive.ts';
import { keptBodies } from '../../../core/workspace/kept-bodies.ts';
import { openWorkspace, type Workspace } from '../../../core/workspace/workspace.ts';
import { codec, set } from '../../support/editing-harness.ts';
import { needs } from '../../support/needs.ts';
import { startWebpy, type Webpy } from '../../support/webpy/webpy.ts';

/* The real web.py behind the real proxy: registry, watching and editing as the engine puts them together. */

const NAME = 'webpy_session_id';
let folder: string;
let webpy: Webpy;
let proxy: ProxyHandle;
let workspace: Workspace;
let registry: Registry;
let watch: RecordWatch;
let store: RecordStore;
let editor: RecordEditor;
let undo: Undo;
let jar: string | undefined;
/** Resolves when the flow of the request that is under way has been read to its end. */
let flowEnded: () => void = () => {};

/** A visitor with one cookie, through the proxy. Resolves when the flow and its records have been read. */
async function visit(page: string, method = 'GET'): Promise<{ body: string; flowId: string }> {
  const ended = new Promise<void>((resolve) => {
    flowEnded = resolve;
  });
  const body = await new Promise<string>((resolve, reject) => {
    const headers = { ...(jar === undefined ? {} : { Cookie: `${NAME}=${jar}` }), Host: `127.0.0.1:${webpy.port}` };
    const request = http.request({
      host: proxy.host,
      port: proxy.port,
      path: `${webpy.origin}${page}`,
      method,
      headers,
    });
    request.once('error', reject);
    request.once('response', (response) => {
      for (const header of response.headers['set-cookie'] ?? []) {
        const value = new RegExp(`^${NAME}=([^;]*)`).exec(header)?.[1];
        if (value !== undefined) jar = /expires=[^;]*199/.test(header) ? undefined : value;
      }
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => resolve(text));
    });
    request.end();
  });
  await ended;
  await watch.idle();
  return { body, flowId: workspace.flows.list({ limit: 1 })[0]?.id ?? '' };
}

function keyOf(id: string | undefined): string {
  const key = registry.find(`127.0.0.1:${webpy.port}`, { kind: 'cookie', name: NAME }, id ?? '')?.key;
  if (key === undefined) throw new Error(`no session ${id ?? ''}`);
  return key;
}

function timeline(key: string): TimelineEntry[] {
  return workspace.timeline.list(key, { limit: 100 }).reverse();
}

async function begin(app: 'count' | 'login', kind: 'disk' | 'sqlite', fakeTime?: number): Promise<void> {
  const dir = path.join(folder, 'sessions');
  if (kind === 'disk') mkdirSync(dir);
  const file = path.join(folder, 's.db');
  webpy = await startWebpy({
    app,
    store: kind === 'disk' ? { kind, dir } : { kind, file, table: 'sessions' },
    ...(fakeTime === undefined ? {} : { fakeTime }),
  });
  store = await openRecordStore(kind === 'disk' ? `disk:${dir}` : `sqlite:${file}?table=sessions`);
  watch.attach('store', store, './sessions');
}

beforeEach(async () => {
  jar = undefined;
  folder = mkdtempSync(path.join(tmpdir(), 'registry-webpy-'));
  workspace = await openWorkspace(path.join(folder, 'w.sqlite'), { clock: Date.now });
  registry = new Registry({
    archive: archiveOf(workspace),
    clock: Date.now,
    decode: (bytes) => codec.decode(bytes).value,
    hasStores: () => true,
  });
  watch = new RecordWatch({ registry, clock: Date.now, decode: ({ bytes }) => codec.decode(bytes).value });
  const bodies = keptBodies(workspace, 'b');
  const capture = createCapture({
    clock: Date.now,
    bodies,
    onFlow: (flow, phase, sightings) => {
      workspace.flows.put(flow);
      const keys = registry.saw(flow, sightings, phase === 'end');
      if (phase !== 'start') watch.flowSeen(flow.id, keys);
      if (phase === 'end') flowEnded();
    },
  });
  const authority = loadOrCreateAuthority(path.join(folder, 'authority'), { clock: Date.now });
  proxy = await startProxy({ authority, port: 0, clock: Date.now, hooks: [capture.hooks] });
  let count = 0;
  const options = {
    log: workspace.edits,
    snapshots: workspace.blobs,
    codec,
    store: () => store,
    clock: Date.now,
    newId: () => `e${++count}`,
    layers: undefined,
    keys: undefined,
    onEdit: undefined,
    expectWrite: (storeId: string, id: string, bytes: Uint8Array) => registry.expectWrite(storeId, id, bytes),
  };
  editor = new RecordEditor(options);
  undo = new Undo(options);
});

afterEach(async () => {
  await proxy.close();
  watch.close();
  registry.close();
  await store.close();
  await webpy.stop();
  await workspace.close();
  rmSync(folder, { recursive: true });
});

needs('webpy').each(['disk', 'sqlite'] as const)('web.py with a %s store', (kind) => {
  it('a session is joined and its data read; each request shows what it changed; an edit is obeyed and undone', async () => {
    await begin('count', kind);
    const first = await visit('/count');
    const id = jar ?? '';
    const key = keyOf(id);
    expect(registry.summary(key)).toMatchObject({ state: 'live', label: 'count 1', record: { storeId: 'store', id } });
    expect(registry.summary(key)?.score.value).toBeGreaterThan(90);
    const second = await visit('/count');
    expect(timeline(key)).toMatchObject([
      { kind: 'created', flowId: first.flowId },
      { kind: 'record-found', flowId: first.flowId },
      {
        kind: 'data-changed',
        flowId: second.flowId,
        differences: [{ at: 'count', before: { t: 'int', v: '1' }, after: { t: 'int', v: '2' } }],
      },
    ]);

    const view = await editor.view('store', id);
    const edit = { storeId: 'store', id, revision: view?.revision ?? '', edits: [set('count', '41')], sessionKey: key };
    expect(await editor.apply(edit)).toMatchObject({ outcome: 'written' });
    await watch.refresh(key);
    expect(registry.summary(key)?.label).toBe('count 41');
    expect((await visit('/count')).body).toBe('42');
    expect(timeline(key).at(-1)).toMatchObject({
      kind: 'data-changed',
      differences: [{ at: 'count', before: { v: '41' }, after: { v: '42' } }],
    });

    // The application counted on from what we wrote: the undo asks, and can take the whole state back.
    const { editId } = undo.list({ sessionKey: key })[0] ?? { editId: '' };
    await expect(undo.undo(editId)).rejects.toMatchObject({ problem: { kind: 'changed-since' } });
    await undo.undo(editId, 'mine');
    expect((await visit('/count')).body).toBe('3');

    // A past state, from the timeline.
    const found = timeline(key).find((entry) => entry.kind === 'record-found');
    await editor.restore(
      { storeId: 'store', id, sessionKey: key },
      found?.kind === 'record-found' ? (found.snapshot ?? '') : '',
    );
    expect((await visit('/count')).body).toBe('2');
    expect(webpy.log()).not.toContain('Traceback');
  });

  it('a kill from here makes the next visit begin anew; its undo brings the old session back', async () => {
    await begin('count', kind);
    await visit('/count');
    await visit('/count');
    const old = jar ?? '';
    const removed = await editor.remove({ storeId: 'store', id: old, sessionKey: keyOf(old) });
    await watch.refresh(keyOf(old));
    expect(registry.summary(keyOf(old))).toMatchObject({ state: 'ended', event: { because: 'killed-here' } });
    expect((await visit('/count')).body).toBe('1');
    expect(jar).not.toBe(old);
    expect(registry.summary(keyOf(old))).toMatchObject({ state: 'ended', event: { because: 'killed-here' } });
    expect(timeline(keyOf(jar)).map(({ kind: what }) => what)).toEqual(['created', 'record-found']);
    await undo.undo(removed.editId);
    await watch.refresh(keyOf(old));
    expect(registry.summary(keyOf(old))?.state).toBe('live');
    jar = old;
    expect((await visit('/count')).body).toBe('3');
  });

  it('login with a new id goes on under it, logout ends it', async () => {
    await begin('login', kind);
    await visit('/count');
    const anonymous = jar ?? '';
    const login = await visit('/login?user=alice&rotate=1', 'POST');
    const known = jar ?? '';
    expect(known).not.toBe(anonymous);
    const event = { state: 'continued', because: 'login', id: known, flowId: login.flowId };
    expect(registry.summary(keyOf(anonymous))).toMatchObject({ state: 'continued', event });
    expect(timeline(keyOf(anonymous)).find((entry) => entry.kind === 'state')).toMatchObject({ event });
    expect(registry.summary(keyOf(known))).toMatchObject({ state: 'live', label: 'user=alice' });
    expect((await visit('/whoami')).body).toBe('alice');
    const logout = await visit('/logout');
    const end = { state: 'ended', because: 'logout', flowId: logout.flowId };
    expect(registry.summary(keyOf(known))).toMatchObject({ state: 'ended', event: end });
    expect(timeline(keyOf(known)).find((entry) => entry.kind === 'state')).toMatchObject({ event: end });
    if (kind === 'disk') expect(readdirSync(path.join(folder, 'sessions'))).toEqual([]);
  });

  it('an aged record goes with the next cleanup, and the visitor gets a new session: expired, not ended', async () => {
    const now = Math.floor(Date.now() / 1000);
    await begin('count', kind, now);
    await visit('/count');
    const id = jar ?? '';
    await editor.age({ storeId: 'store', id, sessionKey: keyOf(id) }, 200_000);
    await watch.refresh(keyOf(id));
    expect(registry.summary(keyOf(id))?.state).toBe('live');
    // A day and a little later (by web.py's clock) the next request cleans up. Sent past the proxy, as another visitor.
    await fetch(`${webpy.origin}/_clock`, { method: 'POST', body: String(now + 86_500) });
    expect((await visit('/count')).body).toBe('1');
    expect(jar).not.toBe(id);
    expect(registry.summary(keyOf(id))?.state).toBe('expired');
  });
});
