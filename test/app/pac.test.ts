import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canShowWindows, type Desktop, startDesktop } from '../support/desktop.ts';
import { needs } from '../support/needs.ts';
import { openVisitor, type Visitor } from '../support/visitor.ts';
import { WindowUser } from '../support/window.ts';

/* A PAC script in the bundled program: its sandbox is WebAssembly that has to be found beside the bundle. */

needs('chromium', 'xvfb')('a PAC script in the desktop program', () => {
  let desktop: Desktop;
  let user: WindowUser;
  let visitor: Visitor;
  const servers: http.Server[] = [];

  const serve = async (name: string): Promise<number> => {
    const server = http.createServer((request, response) => response.end(`${name} got ${request.url}`));
    servers.push(server);
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return (server.address() as AddressInfo).port;
  };

  beforeAll(async () => {
    expect(canShowWindows(), 'Electron and a display').toBe(true);
    desktop = await startDesktop();
    user = new WindowUser(desktop.page);
    const { proxy } = await user.info();
    visitor = await openVisitor(`http://${proxy.host}:${proxy.port}`);
  });

  afterAll(async () => {
    await visitor?.close();
    const problems = desktop?.problems() ?? [];
    await desktop?.close();
    for (const server of servers) server.close();
    expect(problems).toEqual([]);
  });

  test('decides for each host', async () => {
    const upstream = await serve('upstream');
    const straight = await serve('application');
    await user.ask('proxy.settings.set', {
      upstream: {
        address: 'pac',
        pacScript: `function FindProxyForURL(url, host) {
          return host === 'by-proxy.test' ? 'PROXY 127.0.0.1:${upstream}' : 'DIRECT';
        }`,
      },
    });
    expect(await visitor.text('http://by-proxy.test/page')).toBe('upstream got http://by-proxy.test/page');
    expect(await visitor.text(`http://127.0.0.1:${straight}/page`)).toBe('application got /page');
  });
});
