import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { harText } from '../../../core/interop/write-har.ts';
import { openTestBrowser } from '../../support/browser.ts';
import { needs } from '../../support/needs.ts';
import { startRecordedProxy } from '../../support/recorded-proxy.ts';

needs('chromium')('a HAR of what was recorded', () => {
  it('is read by Playwright, which serves the site from it when the server is gone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sessionscope-har-'));
    const origin = createServer((req, res) => {
      if (req.url === '/pixel')
        res.writeHead(200, { 'Content-Type': 'image/gif' }).end(Buffer.from([0x47, 0x49, 0x46, 0xff, 0x00]));
      else {
        res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Encoding': 'gzip' });
        res.end(gzipSync('<!doctype html><link rel="icon" href="data:,"><h1>Grüße</h1><img src="/pixel">'));
      }
    });
    await once(origin.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}/`;
    const recorded = await startRecordedProxy();
    const first = await openTestBrowser({ proxyPort: recorded.proxy.port });
    await first.page.goto(url);
    await recorded.flow((flow) => flow.request.url.endsWith('/pixel'));
    await first.close();
    origin.closeAllConnections();
    origin.close();

    const file = join(folder, 'site.har');
    const pieces: string[] = [];
    for await (const piece of harText(recorded.ended(), {
      version: '1',
      readBody: (ref) => recorded.bodies.read(ref),
      withSecrets: true,
    })) {
      pieces.push(piece);
    }
    await writeFile(file, pieces.join(''));
    await recorded.close();

    const second = await openTestBrowser();
    await second.context.routeFromHAR(file, { notFound: 'abort' });
    await second.page.goto(url);
    expect(await second.page.innerText('h1')).toBe('Grüße');
    const pixel = await second.page.evaluate(async () => [
      ...new Uint8Array(await (await fetch('/pixel')).arrayBuffer()),
    ]);
    expect(pixel).toEqual([0x47, 0x49, 0x46, 0xff, 0x00]);
    await second.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
