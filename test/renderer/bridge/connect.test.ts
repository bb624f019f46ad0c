import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answer } from '../../../core/bridge/wire.ts';
import { createFake, type Fake } from '../../../renderer/src/fake/fake.ts';
import { needs } from '../../support/needs.ts';
import { chromiumPath, startWindow, type TestWindow } from '../support/window.ts';

const TOKEN = 'a-token-of-this-run';

/** The web mode's interface in front of the fake engine: token, requests, streamed events. */
class Api {
  readonly fake: Fake = createFake('one');
  readonly streams = new Set<ServerResponse>();
  down = false;

  constructor() {
    this.fake.transport.subscribe((name, event) => {
      for (const stream of this.streams) stream.write(`${JSON.stringify({ name, event })}\n`);
    });
  }

  readonly handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (this.down) {
      response.destroy();
      return;
    }
    if (request.headers['x-sessionscope-token'] !== TOKEN) {
      response.writeHead(401).end('missing or wrong token\n');
      return;
    }
    const method = (request.url ?? '').replace('/api/', '');
    if (method === 'events') {
      response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
      response.write('\n');
      this.streams.add(response);
      response.on('close', () => this.streams.delete(response));
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    response.end(JSON.stringify(await answer(this.fake.handlers, method, body)));
  };
}

needs('chromium')('the window in a browser tab', () => {
  const api = new Api();
  let folder: string;
  let shown: TestWindow;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-connect-'));
    shown = await startWindow(folder, chromiumPath(), (request, response) => void api.handle(request, response));
  }, 120_000);

  afterAll(async () => {
    await shown?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('says so when the address lacks its token or the engine refuses it', async () => {
    const page = await shown.browser.newPage();
    await page.goto(shown.origin);
    await page.getByTestId('connect-noToken').waitFor();
    await page.goto(`${shown.origin}/#token=an-old-one`);
    await page.reload();
    await page.getByTestId('connect-refused').waitFor();
    await page.close();
  });

  it('takes the token out of the address bar, keeps it for a reload, and follows the events', async () => {
    const page = await shown.browser.newPage();
    await page.goto(`${shown.origin}/#token=${TOKEN}`);
    await page.getByTestId('session-row').waitFor();
    expect(page.url()).not.toContain(TOKEN);
    await page.reload();
    await page.getByTestId('session-row').first().waitFor();
    await expect.poll(() => api.streams.size).toBeGreaterThan(0);
    api.fake.appear(1);
    await page.getByTestId('session-row').nth(1).waitFor();
    await page.close();
  });

  it('says that the engine is gone, goes on by itself when it is back, and shows what it missed', async () => {
    const page = await shown.browser.newPage();
    await page.goto(`${shown.origin}/#token=${TOKEN}`);
    await page.getByTestId('session-row').first().waitFor();
    await expect.poll(() => api.streams.size).toBeGreaterThan(0);
    const before = await page.getByTestId('session-row').count();
    api.down = true;
    for (const stream of api.streams) stream.destroy();
    await page.getByTestId('engine-lost').waitFor();
    api.fake.appear(2);
    api.down = false;
    await page.getByTestId('engine-lost').waitFor({ state: 'detached' });
    await page.getByTestId('session-row').nth(before).waitFor();
    await page.close();
  });
});
