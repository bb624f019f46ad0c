import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventName, Method } from '../../core/bridge/contract.ts';
import { BridgeError, type Client, createClient, type Transport } from '../../core/bridge/wire.ts';

/** One implementation of the bridge: how messages travel, and what answers. */
export interface BridgeUnderTest {
  readonly transport: Transport;
  close(): Promise<void>;
}

/**
 * What every bridge keeps to, whatever carries it. The same suite runs on the engine itself, on Electron's IPC, on the
 * web transport and on the window's fake.
 */
export function bridgeContract(name: string, open: () => Promise<BridgeUnderTest>): void {
  describe(`the bridge: ${name}`, () => {
    let bridge: BridgeUnderTest;
    let client: Client;

    beforeAll(async () => {
      bridge = await open();
      client = createClient(bridge.transport);
    });
    afterAll(async () => {
      client?.close();
      await bridge?.close();
    });

    test('a reply has the shape that the contract promises', async () => {
      const info = await client.call('app.info', {});
      expect(info.version).toEqual(expect.any(String));
      expect(info.proxy).toMatchObject({
        host: expect.any(String),
        port: expect.any(Number),
        recording: expect.any(Boolean),
      });
      expect(['desktop', 'web']).toContain(info.mode);
      const { sessions, total } = await client.call('sessions.list', {});
      expect(total).toBeGreaterThanOrEqual(sessions.length);
    });

    test('an unknown method is answered with a problem, also one that every object has', async () => {
      for (const method of ['no.such', '__proto__', 'constructor', 'toString', '']) {
        const reply = await bridge.transport.request(method, {});
        expect(reply, method).toMatchObject({ ok: false, problem: { kind: 'unknown-method' } });
      }
    });

    test('a request of another shape reaches no handler', async () => {
      const wrong: [Method, unknown][] = [
        ['app.info', { more: 1 }],
        ['app.info', null],
        ['session.detail', { key: 3 }],
        ['session.detail', {}],
        ['stores.attach', { address: 'x'.repeat(100_000) }],
        ['record.apply', { storeId: 's', id: 'i', revision: 'r', edits: [{ op: 'run', path: [], value: {} }] }],
        [
          'record.apply',
          {
            storeId: 's',
            id: 'i',
            revision: 'r',
            edits: [{ op: 'set', path: [{ kind: 'index', index: -1 }], value: { t: 'none' } }],
          },
        ],
        ['practice.start', { kind: 'everywhere' }],
        ['policy.ask', { key: 'k', question: { timeout: 1 } }],
      ];
      for (const [method, request] of wrong) {
        const reply = await bridge.transport.request(method, request);
        expect(reply, `${method} ${JSON.stringify(request)?.slice(0, 80)}`).toMatchObject({
          ok: false,
          problem: { kind: 'bad-request', message: expect.stringContaining(method) },
        });
      }
    });

    test('a failure comes back as data, with what to do where there is something', async () => {
      const failed = client.call('record.preview', { storeId: 'nowhere', id: 'x', revision: 'r', edits: [] });
      await expect(failed).rejects.toBeInstanceOf(BridgeError);
      const problem = await failed.catch((error: BridgeError) => error.problem);
      expect(problem).toMatchObject({ kind: expect.stringMatching(/^[a-z-]+$/), message: expect.any(String) });
    });

    test('events arrive while somebody listens, and not afterwards', async () => {
      const seen: boolean[] = [];
      const stop = client.on('proxy.changed', ({ proxy }) => void seen.push(proxy.recording));
      await client.call('proxy.record', { on: false });
      await expect.poll(() => seen).toContain(false);
      await client.call('proxy.record', { on: true });
      await expect.poll(() => seen.at(-1)).toBe(true);
      stop();
      const count = seen.length;
      await client.call('proxy.record', { on: false });
      await client.call('proxy.record', { on: true });
      expect(seen).toHaveLength(count);
    });

    test('a change of the proxy’s settings is told to every window', async () => {
      const seen: string[] = [];
      const stop = client.on('proxy.settings.changed', ({ settings }) => void seen.push(settings.scope.others));
      const { settings } = await client.call('proxy.settings.get', {});
      await client.call('proxy.settings.set', { scope: { others: 'pass', hosts: [...settings.scope.hosts] } });
      await expect.poll(() => seen).toEqual(['pass']);
      await client.call('proxy.settings.set', { scope: { ...settings.scope, hosts: [...settings.scope.hosts] } });
      await expect.poll(() => seen).toEqual(['pass', settings.scope.others]);
      stop();
    });

    test('settings are kept; the engine’s own are out of reach', async () => {
      await client.call('settings.set', { key: 'window.test', value: { a: [1, 'zwei', null] } });
      const { values } = await client.call('settings.get', {});
      expect(values['window.test']).toEqual({ a: [1, 'zwei', null] });
      expect(Object.keys(values).filter((key) => key.startsWith('engine.'))).toEqual([]);
    });

    test('many requests at once are answered each with its own', async () => {
      const keys = Array.from({ length: 40 }, (_, i) => `window.many${i}`);
      await Promise.all(keys.map((key, i) => client.call('settings.set', { key, value: i })));
      const replies = await Promise.all(keys.map(() => client.call('settings.get', {})));
      for (const { values } of replies) expect(keys.map((key) => values[key])).toEqual(keys.map((_, i) => i));
    });
  });
}

/** A client's side that reads nonsense: for the tests of what the client itself checks. */
export function nonsense(reply: unknown): { transport: Transport; notify: (name: string, event: unknown) => void } {
  let listener: ((name: string, event: unknown) => void) | undefined;
  return {
    transport: {
      request: async () => reply,
      subscribe: (given) => {
        listener = given;
        return () => {
          listener = undefined;
        };
      },
    },
    notify: (name: EventName | string, event) => listener?.(name, event),
  };
}
