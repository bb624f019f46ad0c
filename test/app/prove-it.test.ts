import { randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canShowWindows, type Desktop, startDesktop } from '../support/desktop.ts';
import { needs } from '../support/needs.ts';
import { openVisitor, type Visitor } from '../support/visitor.ts';
import { WindowUser } from '../support/window.ts';

/* *Prove it* in the real window, on a site with six cookies of which one, or two together, keep the login. */

const OTHERS = ['csrftoken', 'theme', 'lang', '_ga', 'consent'];

/** Each page changes from request to request in ways that tell nothing: a counter and a fresh token. */
function site(needed: readonly string[]): http.Server {
  const sessions = new Set<string>();
  let served = 0;
  return http.createServer((request, response) => {
    const cookies = new Map(
      (request.headers.cookie ?? '').split('; ').map((pair): [string, string] => {
        const [name = '', value = ''] = pair.split('=');
        return [name, value];
      }),
    );
    served += 1;
    if (request.url === '/login') {
      const id = randomBytes(20).toString('hex');
      sessions.add(id);
      const set = [
        ...needed.map((name) => `${name}=${id}; HttpOnly; Path=/`),
        ...OTHERS.map((name) => `${name}=${name === 'csrftoken' ? randomBytes(16).toString('hex') : 'x1'}; Path=/`),
      ];
      response.writeHead(302, { Location: '/account', 'Set-Cookie': set.slice(0, 6) }).end();
      return;
    }
    if (!needed.every((name) => sessions.has(cookies.get(name) ?? ''))) {
      response.writeHead(302, { Location: '/login-form' }).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/html' });
    response.end(`<h1>Hello alice</h1>\n<p>request ${served}</p>\n<input value="${randomBytes(8).toString('hex')}">\n`);
  });
}

needs('chromium', 'xvfb')('prove it', () => {
  let desktop: Desktop;
  let user: WindowUser;
  let visitor: Visitor;
  const servers: http.Server[] = [];

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

  const prove = async (needed: readonly string[]) => {
    const server = site(needed);
    servers.push(server);
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // Cookies know no ports: each site gets a visitor without those of the other.
    const guest = await visitor.another();
    await guest.text(`${origin}/login`);
    expect(await guest.text(`${origin}/account`)).toContain('Hello alice');
    const id = await guest.cookie(needed[0] as string, origin);
    await user.page.getByTestId('nav-sessions').click();
    await user.row(id).first().click();
    await user.page.getByTestId('prove-it').click();
    const proof = user.page.getByTestId('proof');
    await proof.waitFor();
    const found = (await proof.getAttribute('data-needed'))?.split(' ').sort();
    const text = (await proof.innerText()).replace(/\s+/g, ' ');
    await user.page.keyboard.press('Escape');
    return { found, text };
  };

  test('one of six cookies keeps the login', async () => {
    const { found, text } = await prove(['sid']);
    expect(found).toEqual(['sid']);
    expect(text).toContain('sid alone keeps the login; the other 5 do not matter.');
  });

  test('two of six cookies together keep the login', async () => {
    const { found, text } = await prove(['sid', 'device']);
    expect(found).toEqual(['device', 'sid']);
    expect(text).toContain('together keep the login; the other 4 do not matter.');
  });
});
