import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import { needs } from '../../support/needs.ts';
import { until } from '../../support/until.ts';

/* Two browsers that are opened from here leave their identities on flows and sessions. */

needs('chromium')('the identity of a browser', () => {
  let folder = '';
  let engine: Engine;
  let site: Server;
  let origin = '';
  let visits = 0;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-identity-'));
    site = createServer((request, response) => {
      const known = request.headers.cookie !== undefined;
      const id = `${++visits}`.padStart(40, 'a1b2c3d4e5');
      response.writeHead(200, {
        'Content-Type': 'text/html',
        ...(known ? {} : { 'Set-Cookie': `webpy_session_id=${id}; Path=/; HttpOnly` }),
      });
      // A second request shows that the cookie is used.
      response.end(known ? 'again' : '<img src="/again">');
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
    engine = await createEngine({
      mode: 'web',
      version: '1',
      dataFolder: folder,
      browserArguments: ['--headless=new', '--no-sandbox', '--disable-gpu'],
    });
  });
  afterAll(async () => {
    await engine?.close();
    site?.closeAllConnections();
    await new Promise((resolve) => site?.close(resolve));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('stands on its flows and sessions, and its port is closed with it', async () => {
    const { handlers } = engine;
    const { found } = await handlers['browsers.list']({});
    const browserId = found.find(({ browserId: id }) => /chrom/i.test(id))?.browserId ?? '';
    const runs: string[] = [];
    for (const identity of ['blue', 'rose']) {
      runs.push((await handlers['browser.launch']({ browserId, identity, startUrl: origin })).runId);
    }
    const sessions = await until(
      async () => (await handlers['sessions.list']({})).sessions,
      (list) => list.filter(({ identity }) => identity !== undefined).length === 2,
    );
    expect(sessions.map(({ identity }) => identity).sort()).toEqual(['blue', 'rose']);
    expect((await handlers['sessions.list']({ filter: 'identity:rose' })).sessions).toHaveLength(1);

    const { flows } = await handlers['flows.list']({ limit: 100 });
    const own = flows.filter(({ url }) => url.startsWith(origin));
    const details = await Promise.all(own.map(({ id }) => handlers['flow.detail']({ id })));
    const identities = new Set(details.map(({ detail }) => detail?.flow.client.identity));
    expect(identities).toEqual(new Set(['blue', 'rose']));
    for (const runId of runs) await handlers['browser.close']({ runId });
    expect((await handlers['browsers.list']({})).running).toEqual([]);
  });
});
