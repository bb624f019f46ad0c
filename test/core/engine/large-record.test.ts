import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventOf } from '../../../core/bridge/contract.ts';
import { encodeNew } from '../../../core/codec/codec.ts';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import type { TypedNode } from '../../../core/model/typed.ts';

/* Records of megabytes in the engine: what else it does goes on meanwhile, and the user can cancel. */

const ID = 'a'.repeat(40);
const str = (v: string): TypedNode => ({ t: 'str', v });
const int = (n: number): TypedNode => ({ t: 'int', v: String(n) });
const key = (name: string) => ({ kind: 'key' as const, key: str(name) });

function session(items: number): TypedNode {
  const item = (i: number): TypedNode => ({
    t: 'dict',
    v: [
      [str('id'), int(i)],
      [str('name'), str(`product number ${i}`)],
      [str('n'), int(i % 7)],
    ],
  });
  return {
    t: 'dict',
    v: [
      [str('count'), int(1)],
      [str('cart'), { t: 'list', v: Array.from({ length: items }, (_, i) => item(i)) }],
      [str('session_id'), str(ID)],
    ],
  };
}

describe('a record of megabytes', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-large-'));
  const sessions = path.join(folder, 'sessions');
  const bytes = encodeNew(session(60_000), ['base64', 'pickle']);
  let engine: Engine;
  let storeId: string;
  let server: http.Server;

  beforeAll(async () => {
    mkdirSync(sessions);
    writeFileSync(path.join(sessions, ID), bytes);
    engine = await createEngine({ mode: 'web', version: '0', dataFolder: path.join(folder, 'data') });
    ({
      store: { storeId },
    } = await engine.handlers['stores.attach']({ address: sessions }));
    server = http.createServer((_request, response) => response.end('hello'));
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  });
  afterAll(async () => {
    server?.close();
    await engine?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const through = async () => {
    const { proxy } = await engine.handlers['app.info']({});
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((done, fail) => {
      http
        .get({ host: proxy.host, port: proxy.port, path: `http://127.0.0.1:${port}/`, agent: false }, (response) =>
          response.resume().on('end', done),
        )
        .on('error', fail);
    });
  };

  it('is cancelled while it is decoded, and is read when it is asked for again', async () => {
    const told: EventOf<'progress'>[] = [];
    const stop = engine.subscribe((name, event) => {
      if (name !== 'progress') return;
      const progress = event as EventOf<'progress'>;
      told.push(progress);
      // Had the decoding been done in this thread, this could not be told before its end.
      if (!progress.finished) void engine.handlers['task.cancel']({ taskId: progress.taskId });
    });
    const { record } = await engine.handlers['record.get']({ storeId, id: ID });
    stop();
    expect(record).toMatchObject({ value: null, error: { kind: 'cancelled' }, bytes: bytes.length });
    expect(told.map(({ finished }) => finished)).toEqual([false, true]);
    const again = await engine.handlers['record.get']({ storeId, id: ID });
    expect(again.record).toMatchObject({ layers: ['base64', 'pickle'], lossless: true });
  });

  it('traffic goes on while it is decoded, edited and written', async () => {
    let finished = false;
    const { record } = await engine.handlers['record.get']({ storeId, id: ID });
    const working = engine.handlers['record.apply']({
      storeId,
      id: ID,
      revision: record?.revision ?? '',
      edits: [{ op: 'set', path: [key('count')], value: int(41) }],
    }).finally(() => {
      finished = true;
    });
    let answered = 0;
    while (!finished && answered < 500) {
      await through();
      if (!finished) answered += 1;
    }
    expect(answered).toBeGreaterThan(2);
    expect(await working).toMatchObject({ outcome: 'written', record: { bytes: expect.any(Number) } });
    const { record: after } = await engine.handlers['record.get']({ storeId, id: ID });
    expect(after?.value).toMatchObject({ v: [[str('count'), int(41)], {}, {}] });
  });

  it('its layers are shown one by one, a value is found in its bytes, and other layers can be named for it', async () => {
    const peel = await engine.handlers['record.peel']({ storeId, id: ID });
    expect(peel.steps.map(({ id, kept }) => [id, kept])).toEqual([
      ['base64', 1_000_000],
      ['pickle', 1_000_000],
    ]);
    expect(peel.steps[0]?.bytes).toBeGreaterThan(2_000_000);
    const at = [key('cart'), { kind: 'index' as const, index: 3 }, key('name')];
    const span = await engine.handlers['record.span']({ storeId, id: ID, path: at });
    const inner = Buffer.from(peel.steps[1]?.base64 ?? '', 'base64');
    expect(inner.subarray(span.inner?.start, span.inner?.end).toString('latin1')).toContain('product number 3');
    const outer = Buffer.from(peel.steps[0]?.base64 ?? '', 'base64');
    const upTo = (end: number | undefined) =>
      Buffer.from(outer.toString('latin1', 0, end).replace(/\s/g, ''), 'base64').toString('latin1');
    expect(upTo(span.outer?.end)).toContain('product number 3');
    expect(upTo(span.outer?.start)).not.toContain('product number 3');

    await engine.handlers['record.layers']({ storeId, id: ID, layers: ['base64', 'bytes'] });
    const chosen = await engine.handlers['record.get']({ storeId, id: ID });
    expect(chosen.record).toMatchObject({ layers: ['base64', 'bytes'], value: { t: 'bytes' } });
    const once = await engine.handlers['record.get']({ storeId, id: ID, as: ['text'] });
    expect(once.record).toMatchObject({ layers: ['text'], value: { t: 'str' } });
    await engine.handlers['record.layers']({ storeId, id: ID, layers: null });
    const guessed = await engine.handlers['record.get']({ storeId, id: ID });
    expect(guessed.record?.layers).toEqual(['base64', 'pickle']);
    await expect(engine.handlers['record.layers']({ storeId, id: ID, layers: ['nonsense'] })).rejects.toMatchObject({
      problem: { kind: 'bad-layers' },
    });
  });

  it('a value in a cookie is decoded and edited inside its layers', async () => {
    const text = 'eyJ1c2VyIjogImFsaWNlIiwgIm4iOiAzfQ%3D%3D';
    const peel = await engine.handlers['value.decode']({ of: { text } });
    expect(peel).toMatchObject({ layers: ['percent', 'base64', 'json'], lossless: true });
    const made = await engine.handlers['value.edit']({
      of: { text },
      edits: [{ op: 'set', path: [key('user')], value: str('bob') }],
    });
    const inner = Buffer.from(decodeURIComponent(made.text), 'base64').toString();
    expect(inner).toBe('{"user": "bob", "n": 3}');
    await expect(engine.handlers['value.decode']({ of: { text: 'snow ☃' } })).rejects.toMatchObject({
      problem: { kind: 'bad-request' },
    });
  });
});
