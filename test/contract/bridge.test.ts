import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { serveWeb } from '../../cli/web/server.ts';
import { answer, BridgeError, createClient } from '../../core/bridge/wire.ts';
import { createEngine } from '../../core/engine/engine.ts';
import { webTransport } from '../../renderer/src/bridge/web-transport.ts';
import { createFake } from '../../renderer/src/fake/fake.ts';
import { bridgeContract, nonsense } from './bridge-suite.ts';

async function openEngine() {
  const dataFolder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-bridge-'));
  const engine = await createEngine({ mode: 'web', version: '0.0.0', dataFolder, proxyPort: 0 });
  return {
    engine,
    close: async () => {
      await engine.close();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

bridgeContract('the engine in this process', async () => {
  const { engine, close } = await openEngine();
  return {
    transport: {
      request: (method, request) => answer(engine.handlers, method, request),
      subscribe: (listener) => engine.subscribe(listener),
    },
    close,
  };
});

bridgeContract('the web transport over HTTP', async () => {
  const { engine, close } = await openEngine();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-page-'));
  const server = await serveWeb({ engine, folder, port: 0 });
  const { transport } = webTransport({ base: `http://127.0.0.1:${server.port}/api/`, token: server.token });
  return {
    transport,
    close: async () => {
      await server.close();
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});

bridgeContract('the window’s fake', async () => {
  const fake = createFake('sample');
  return { transport: fake.transport, close: async () => {} };
});

test('the client takes no reply and no event on trust', async () => {
  for (const reply of [
    undefined,
    null,
    7,
    'x',
    [],
    {},
    { ok: 1 },
    { ok: true },
    { ok: true, value: [] },
    { ok: false },
  ]) {
    const client = createClient(nonsense(reply).transport);
    await expect(client.call('sessions.list', {}), JSON.stringify(reply)).rejects.toBeInstanceOf(BridgeError);
    client.close();
  }
  const { transport, notify } = nonsense({});
  const client = createClient(transport);
  const seen: unknown[] = [];
  client.on('sessions.changed', (event) => seen.push(event));
  notify('sessions.changed', 'x');
  notify('sessions.changed', { updated: 'x', removed: [] });
  notify('__proto__', {});
  notify('sessions.changed', { updated: [], removed: ['s1'] });
  expect(seen).toEqual([{ updated: [], removed: ['s1'] }]);
  client.close();
});
