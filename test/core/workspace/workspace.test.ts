import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keptBodies } from '../../../core/workspace/kept-bodies.ts';
import { openWorkspace, type Workspace } from '../../../core/workspace/workspace.ts';
import { makeFlow, makeSummary } from '../../support/flow-builder.ts';

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

async function openOne(where = file, more: Partial<Parameters<typeof openWorkspace>[1]> = {}): Promise<Workspace> {
  const workspace = await openWorkspace(where, { clock: () => 1_700_000_000_000, ...more });
  open.push(workspace);
  return workspace;
}

const row = { flowId: '', direction: 'request', at: 1, raw: 'x', id: 'x' } as const;

describe('flows', () => {
  it('gives back what was put, whole and as a line, and the last state of a flow that was put twice', async () => {
    const { flows } = await openOne();
    const begun = makeFlow({ id: 'a', status: 0, url: 'http://shop.test/cart?x=1', method: 'POST' });
    flows.put(begun);
    expect(flows.get('a')).toEqual(begun);
    expect(flows.summary('a')).not.toHaveProperty('status');
    const answered = { ...makeFlow({ ...begun, id: 'a', url: begun.request.url, method: 'POST', status: 302 }) };
    flows.put(answered);
    expect(flows.get('a')).toEqual(answered);
    expect(flows.summary('a')).toMatchObject({ method: 'POST', status: 302, url: 'http://shop.test/cart?x=1' });
    expect(flows.count()).toBe(1);
    expect(flows.get('nothing')).toBeUndefined();
  });

  it('answers for flows that are not written yet as for those that are', async () => {
    const workspace = await openOne(file, { batchMs: 600_000 });
    const { flows, sessions } = workspace;
    const sketch = {
      url: 'http://shop.test/x',
      type: 'text/plain',
      editedBy: ['a rule'],
      error: 'cut off',
      status: 404,
    };
    flows.put(makeFlow({ id: 'a', ...sketch }));
    sessions.putSighting('s1', { ...row, flowId: 'a' });
    sessions.putSighting('s1', { ...row, flowId: 'a', direction: 'response' });
    const before = [flows.get('a'), flows.summary('a')];
    expect(before[1]).toMatchObject({ sessions: ['s1'], status: 404, contentType: 'text/plain', editedBy: ['a rule'] });
    await workspace.flush();
    expect([flows.get('a'), flows.summary('a')]).toEqual(before);
    sessions.putSighting('s2', { ...row, flowId: 'a' });
    expect(flows.summary('a')?.sessions).toEqual(['s1', 's2']);
    expect(flows.list({ limit: 1 })[0]?.sessions).toEqual(['s1', 's2']);
  });

  it('lists flows in the order in which they began, also where a later one is known sooner', async () => {
    const { flows, flush } = await openOne();
    for (const id of ['first', 'second', 'third']) flows.reserve(id);
    flows.put(makeFlow({ id: 'third' }), true);
    flows.put(makeFlow({ id: 'first' }), true);
    await flush();
    flows.put(makeFlow({ id: 'second' }), true);
    flows.put(makeFlow({ id: 'unannounced' }), true);
    expect(flows.list({ limit: 9 }).map(({ id }) => id)).toEqual(['unannounced', 'third', 'second', 'first']);
    expect(flows.list({ limit: 9, before: 'third' }).map(({ id }) => id)).toEqual(['second', 'first']);
  });

  it('lists newest first and pages without gaps or repetitions', async () => {
    const { flows, lists } = await openOne();
    for (let i = 0; i < 250; i += 1) flows.put(makeFlow({ id: `p${i}` }));
    const ids: string[] = [];
    for (let before: string | undefined; ; ) {
      const { flows: page, total } = await lists.read('flows', {
        limit: 40,
        ...(before === undefined ? {} : { before }),
      });
      expect(total).toBe(250);
      ids.push(...page.map(({ id }) => id));
      before = page.at(-1)?.id;
      if (page.length < 40) break;
    }
    expect(ids).toEqual(Array.from({ length: 250 }, (_, i) => `p${249 - i}`));
  });

  it('filters by everything that the language names', async () => {
    const { flows, sessions } = await openOne();
    const put = (id: string, sketch: Parameters<typeof makeFlow>[0]) => flows.put(makeFlow({ id, ...sketch }));
    put('login', { method: 'POST', url: 'http://shop.test/login', cookie: 'sid=1; lang=en', status: 302 });
    put('json', { url: 'https://api.shop.test/v1/Items_100%', type: 'application/json', responseBytes: 20_000 });
    put('broken', { url: 'http://other.test/a', status: 500, setCookie: ['tracker=1; Path=/'] });
    put('lost', { url: 'http://other.test/b', status: 0, error: 'refused' });
    put('edited', { url: 'http://other.test/c', editedBy: ['cookie sid'] });
    const key = sessions.newKey();
    sessions.put({ summary: makeSummary({ key, label: 'user=alice' }), shown: true, memo: {} });
    sessions.putData(key, [
      { path: 'user', value: '42' },
      { path: 'cart[0].n', value: '7' },
    ]);
    sessions.putSighting(key, { ...row, flowId: 'login' });
    const ids = (filter: string) =>
      flows
        .list({ filter, limit: 100 })
        .map(({ id }) => id)
        .sort();
    expect(ids('')).toHaveLength(5);
    expect(ids('host:shop')).toEqual(['json', 'login']);
    expect(ids('host=shop.test')).toEqual(['login']);
    expect(ids('cookie:sid')).toEqual(['login']);
    // `:` finds a part and `=` the whole, for each field of text alike.
    expect(ids('cookie:si')).toEqual(['login']);
    expect(ids('cookie=si')).toEqual([]);
    expect(ids('cookie=sid')).toEqual(['login']);
    expect(ids('method:po')).toEqual(['login']);
    expect(ids('method=po')).toEqual([]);
    expect(ids('path:/v1')).toEqual(['json']);
    expect(ids('path:shop')).toEqual([]);
    expect(ids('path=/login')).toEqual(['login']);
    expect(ids('status=302 or status=500')).toEqual(['broken', 'login']);
    expect(ids('host:other (is:edited or status:5xx)')).toEqual(['broken', 'edited']);
    expect(ids('not (host:other or host:api)')).toEqual(['login']);
    expect(ids('-(host:other status=500)')).toEqual(['edited', 'json', 'login', 'lost']);
    // Terms of a session beside terms of its flows, in groups.
    expect(ids('data.user=42 or status=500')).toEqual(['broken', 'login']);
    expect(ids('not data.user=42 host:shop')).toEqual(['json']);
    expect(ids('(data.user=42 or label:bob) method=POST')).toEqual(['login']);
    expect(ids('cookie:tracker')).toEqual(['broken']);
    expect(ids('method:post')).toEqual(['login']);
    expect(ids('status:500')).toEqual(['broken']);
    expect(ids('status>=300 status<400')).toEqual(['login']);
    expect(ids('status:5xx')).toEqual(['broken']);
    expect(ids('-status:500')).toEqual(['edited', 'json', 'login', 'lost']);
    expect(ids('type:json size>10k')).toEqual(['json']);
    expect(ids('is:error')).toEqual(['broken', 'lost']);
    expect(ids('is:edited')).toEqual(['edited']);
    expect(ids('items_100%')).toEqual(['json']);
    expect(ids('items-100')).toEqual([]);
    expect(ids('alice')).toEqual(['login']);
    expect(ids('data.user=42')).toEqual(['login']);
    expect(ids('data.user=4')).toEqual([]);
    expect(ids('data.cart[0].n>6')).toEqual(['login']);
    expect(ids('data:42 cookie:sid')).toEqual(['login']);
    expect(ids('-data.user=42')).toHaveLength(4);
    expect(ids('host:other -is:error')).toEqual(['edited']);
    expect(ids(`key:${key}`)).toEqual(['login']);
    expect(flows.count({ filter: 'host:shop' })).toBe(2);
    expect(flows.list({ sessionKey: key, limit: 10 }).map(({ sessions: keys }) => keys)).toEqual([[key]]);
    expect(() => flows.list({ filter: 'hots:x', limit: 1 })).toThrow('knows no');
  });

  it('keeps long URLs whole in the flow and short in lists', async () => {
    const { flows } = await openOne();
    const url = `http://shop.test/?q=${'x'.repeat(70_000)}`;
    flows.put(makeFlow({ id: 'long', url }));
    expect(flows.get('long')?.request.url).toBe(url);
    expect(flows.summary('long')?.url.length).toBeLessThan(2_100);
  });
});

describe('sessions', () => {
  it('lists what counts as a session, newest activity first, and finds by id, record and filter', async () => {
    const { sessions } = await openOne();
    const keys = ['live', 'ended', 'live'].map((state, i) => {
      const key = sessions.newKey();
      const summary = makeSummary({
        key,
        id: `id${i}`,
        state: state as 'live',
        lastActivity: 1_000 + i,
        ...(i === 2 ? { record: { storeId: 'disk1', id: 'id2', bytes: 10 }, label: 'user=Zoë' } : {}),
      });
      sessions.put({ summary, shown: i !== 0, memo: { note: i } });
      return key;
    });
    const list = (filter?: string) =>
      sessions.list({ limit: 10, ...(filter === undefined ? {} : { filter }) }).map(({ key }) => key);
    expect(list()).toEqual([keys[2], keys[1]]);
    expect(list('is:candidate')).toEqual([keys[0]]);
    expect(list('state:ended')).toEqual([keys[1]]);
    expect(list('id:ID2')).toEqual([keys[2]]);
    expect(list('store:missing')).toEqual([keys[1]]);
    expect(list('store:disk')).toEqual([keys[2]]);
    expect(list('zoë')).toEqual([keys[2]]);
    expect(list('is:httponly -is:secure')).toEqual([keys[2], keys[1]]);
    expect(sessions.count()).toBe(2);
    expect(sessions.count({ which: 'all' })).toBe(3);
    expect(sessions.find('shop.test', { kind: 'cookie', name: 'sid' }, 'id1')?.memo).toEqual({ note: 1 });
    expect(sessions.find('shop.test', { kind: 'header', name: 'sid' }, 'id1')).toBeUndefined();
    expect(sessions.ofRecord('disk1', 'id2').map(({ summary }) => summary.key)).toEqual([keys[2]]);
  });

  it('keeps the timeline in order and pages it', async () => {
    const { timeline } = await openOne();
    for (let i = 0; i < 30; i += 1) timeline.append('s1', { kind: 'seen', at: i, flowId: `f${i}` });
    timeline.append('s2', { kind: 'follows', at: 99, from: 'a', key: 's1', how: 'replaced' });
    const first = timeline.list('s1', { limit: 20 });
    expect(first.map(({ at }) => at)).toEqual(Array.from({ length: 20 }, (_, i) => 29 - i));
    const rest = timeline.list('s1', { limit: 20, before: first.at(-1)?.seq ?? 0 });
    expect(rest.map(({ at }) => at)).toEqual(Array.from({ length: 10 }, (_, i) => 9 - i));
    expect(timeline.list('s2', { limit: 5 })).toMatchObject([{ kind: 'follows', from: 'a', key: 's1', at: 99 }]);
  });
});

describe('what waits to be written', () => {
  it('is found by key, id and record without ending the batch', async () => {
    const workspace = await openOne(file, { batchMs: 600_000 });
    const { sessions } = workspace;
    let saved = 0;
    workspace.onSaved(() => {
      saved += 1;
    });
    const carrier = { kind: 'cookie', name: 'sid' } as const;
    const put = (id: string, memo: number, recordId?: string) =>
      sessions.put({
        summary: makeSummary({
          key: 's1',
          id,
          ...(recordId === undefined ? {} : { record: { storeId: 'd', id: recordId, bytes: 1 } }),
        }),
        shown: true,
        memo,
      });
    put('one', 1, 'one');
    expect(sessions.find('shop.test', carrier, 'one')?.memo).toBe(1);
    expect(sessions.ofRecord('d', 'one')).toHaveLength(1);
    await workspace.flush();
    expect(saved).toBe(1);
    put('two', 2, 'two');
    // The row still says "one"; what waits knows better.
    expect(sessions.find('shop.test', carrier, 'one')).toBeUndefined();
    expect(sessions.find('shop.test', carrier, 'two')?.memo).toBe(2);
    expect(sessions.ofRecord('d', 'one')).toEqual([]);
    expect(sessions.ofRecord('d', 'two')).toHaveLength(1);
    expect(sessions.get('s1')?.memo).toBe(2);
    expect(saved).toBe(1);
    expect(sessions.list({ limit: 5 }).map(({ id }) => id)).toEqual(['two']);
    expect(saved).toBe(2);
  });

  it('is written in the order in which it came, and the longest queue gets shorter', async () => {
    const workspace = await openOne(file, { batchMs: 1 });
    const done = new Promise<void>((resolve) => workspace.onSaved(resolve));
    for (let i = 0; i < 5_000; i += 1) workspace.timeline.append('s1', { kind: 'seen', at: i });
    workspace.flows.put(makeFlow({ id: 'last' }));
    await done;
    expect(workspace.timeline.list('s1', { limit: 10_000 })).toHaveLength(5_000);
    expect(workspace.flows.get('last')).toBeDefined();
  });
});

describe('bytes', () => {
  it('keeps equal contents once and lets go of them with the last use', async () => {
    const workspace = await openOne(file, { limits: { bodyBytes: 1_000 } });
    const bodies = keptBodies(workspace, 'run1');
    const refs = [1, 2].map(() => {
      const writer = bodies.open();
      writer.append(Buffer.alloc(600, 'a'));
      expect(writer.info()).toMatchObject({ size: 600, kept: 600 });
      writer.append(Buffer.alloc(600, 'b'));
      return writer.close();
    });
    expect(refs[0]).toEqual({ size: 1_200, kept: 1_000, ref: 'run1-1' });
    expect(bodies.counts).toMatchObject({ bytesNotKept: 400, bodiesCut: 2, memoryBytes: 0 });
    expect((await bodies.read('run1-2')).toString()).toBe('a'.repeat(600) + 'b'.repeat(400));
    bodies.forget('run1-1');
    expect((await bodies.read('run1-2')).length).toBe(1_000);
    await expect(bodies.read('run1-1')).rejects.toMatchObject({ problem: { kind: 'body-gone' } });
  });

  it('names a state of a record by its content', async () => {
    const { blobs } = await openOne();
    const state = { storeId: 'd', recordId: 'r', at: 5, lastUsed: 7, bytes: Buffer.from('one') };
    const id = blobs.putSnapshot(state);
    expect(blobs.putSnapshot({ ...state, at: 9 })).toBe(id);
    expect(blobs.putSnapshot({ ...state, recordId: 'other' })).not.toBe(id);
    const kept = blobs.snapshot(id);
    expect(kept).toMatchObject({ id, storeId: 'd', recordId: 'r', at: 9, lastUsed: 7 });
    blobs.putSnapshot({ ...state, at: 11, lastUsed: null });
    expect(blobs.snapshot(id)).toMatchObject({ at: 11, lastUsed: 7 });
    expect(Buffer.from(kept?.bytes ?? []).toString()).toBe('one');
  });
});

describe('a restart', () => {
  it('finds everything again, goes on counting, and keeps bodies', async () => {
    const first = await openOne();
    const bodies = keptBodies(first, 'a');
    const writer = bodies.open();
    writer.append(Buffer.from('hello'));
    const body = writer.close();
    const flow = makeFlow({ id: 'kept' });
    first.flows.put({ ...flow, request: { ...flow.request, body } });
    const key = first.sessions.newKey();
    first.sessions.put({ summary: makeSummary({ key }), shown: true, memo: 1 });
    const entry = first.timeline.append(key, { kind: 'created', at: 1 });
    first.settings.set('theme', 'dark');
    first.settings.setOverrule('shop.test', { kind: 'cookie', name: 'x' }, 'session');
    first.settings.putRule('r1', { host: 'a' });
    first.edits.put({ id: 'e1', at: 1, sessionKey: key, phase: 'intent', entry: { a: 1 } });
    await first.close();
    const again = await openOne();
    expect(again.problem).toBeUndefined();
    expect(again.flows.get('kept')?.id).toBe('kept');
    expect((await keptBodies(again, 'b').read('a-1')).toString()).toBe('hello');
    expect(again.sessions.newKey()).not.toBe(key);
    expect(again.timeline.append(key, { kind: 'seen', at: 2 }).seq).toBeGreaterThan(entry.seq);
    expect(again.settings.all()).toEqual({ theme: 'dark' });
    expect(again.settings.overrule('shop.test', { kind: 'cookie', name: 'x' })).toBe('session');
    expect(again.settings.isCalledSession('x')).toBe(true);
    expect(again.settings.isCalledSession('y')).toBe(false);
    expect(again.settings.rules()).toEqual([{ id: 'r1', rule: { host: 'a' } }]);
    expect(again.edits.list({ sessionKey: key })).toMatchObject([{ id: 'e1', phase: 'intent', entry: { a: 1 } }]);
  });

  it('tells when it has saved, and only then', async () => {
    const workspace = await openOne();
    let saved = 0;
    workspace.onSaved(() => {
      saved += 1;
    });
    workspace.flows.put(makeFlow());
    expect(saved).toBe(0);
    await workspace.flush();
    expect(saved).toBe(1);
    workspace.flows.put(makeFlow());
    await new Promise<void>((resolve) => workspace.onSaved(resolve));
    expect(saved).toBe(2);
  });

  it('one write that cannot be carried out does not take the others with it', async () => {
    const told: string[] = [];
    const workspace = await openOne(file, { log: (_level, message) => told.push(message) });
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    workspace.flows.put(makeFlow({ id: 'good' }));
    workspace.sessions.put({ summary: makeSummary({ key: 's1' }), shown: true, memo: circular });
    workspace.flows.put(makeFlow({ id: 'also' }));
    await workspace.flush();
    expect(workspace.flows.count()).toBe(2);
    expect(told.join()).toContain('could not be saved');
  });
});
