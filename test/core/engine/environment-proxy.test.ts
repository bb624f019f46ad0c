import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';

/* What HTTP_PROXY and its like mean for web mode and the desktop, as for the command `proxy`. */

let folder = '';
let upstream: Server;
const passed: string[] = [];

beforeAll(async () => {
  upstream = createServer((req, res) => {
    passed.push(req.url ?? '');
    res.end('through the upstream');
  });
  await new Promise<void>((done) => upstream.listen(0, '127.0.0.1', done));
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'environment-proxy-'));
  passed.length = 0;
  return () => rmSync(folder, { recursive: true, force: true });
});
afterAll(() => void upstream.close());

const named = () => `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;

async function withEngine(env: NodeJS.ProcessEnv, use: (engine: Engine, lines: string[]) => Promise<void>) {
  const lines: string[] = [];
  const engine = await createEngine({
    mode: 'web',
    version: '0.0.0',
    dataFolder: folder,
    env,
    log: (line) => lines.push(line),
  });
  try {
    await use(engine, lines);
  } finally {
    await engine.close();
  }
}

async function statusOf(engine: Engine, url: string): Promise<number | undefined> {
  const { proxy } = await engine.handlers['app.info']({});
  return new Promise((done, fail) => {
    const asked = request({ host: proxy.host, port: proxy.port, path: url, headers: { Host: new URL(url).host } });
    asked.on('response', (response) => done(response.resume().statusCode));
    asked.on('error', fail).end();
  });
}

it('requests leave through the proxy that the environment names, until the user chooses', async () => {
  await withEngine({ HTTP_PROXY: named() }, async (engine, lines) => {
    expect(await statusOf(engine, 'http://shop.invalid/a')).toBe(200);
    expect(passed).toEqual(['http://shop.invalid/a']);
    expect(lines.join('\n')).toContain(`Requests leave through ${named()} (HTTP_PROXY)`);
    await engine.handlers['proxy.settings.set']({ upstream: { address: 'direct' } });
    expect(await statusOf(engine, 'http://shop.invalid/b')).toBeGreaterThanOrEqual(500);
  });
  // The choice outlives the process.
  await withEngine({ HTTP_PROXY: named() }, async (engine, lines) => {
    expect(await statusOf(engine, 'http://shop.invalid/c')).toBeGreaterThanOrEqual(500);
    expect(lines.join('\n')).not.toContain('Requests leave through');
  });
  expect(passed).toEqual(['http://shop.invalid/a']);
});

it('another setting is no choice of the way out, and NO_PROXY is heeded', async () => {
  await withEngine({ http_proxy: named(), NO_PROXY: 'other.invalid' }, async (engine) => {
    await engine.handlers['proxy.settings.set']({ bypass: ['third.invalid'] });
    expect(await statusOf(engine, 'http://shop.invalid/a')).toBe(200);
    expect(await statusOf(engine, 'http://other.invalid/')).toBeGreaterThanOrEqual(500);
    expect(await statusOf(engine, 'http://third.invalid/')).toBeGreaterThanOrEqual(500);
  });
  expect(passed).toEqual(['http://shop.invalid/a']);
});

it('a value that names no proxy does not keep the engine from starting', async () => {
  await withEngine({ HTTP_PROXY: 'gopher://nowhere' }, async (engine) => {
    expect(await statusOf(engine, 'http://shop.invalid/')).toBeGreaterThanOrEqual(500);
  });
});
