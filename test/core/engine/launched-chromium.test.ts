import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import type { Notice } from '../../../core/model/app.ts';
import { needs } from '../../support/needs.ts';
import { until } from '../../support/until.ts';

/** An address of the public web. What the browser asks of it is answered by a proxy of the test's own. */
const PUBLIC = '93.184.216.34';

let folder = '';
let engine: Engine;
let notices: Notice[] = [];
const servers: Server[] = [];

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

async function open(startUrl: string): Promise<string> {
  const { found } = await engine.handlers['browsers.list']({});
  const browserId = found.find(({ browserId: id }) => /chrom/i.test(id))?.browserId ?? '';
  return (await engine.handlers['browser.launch']({ browserId, identity: 'blue', startUrl })).runId;
}

needs('chromium')('a Chromium that is opened from here', () => {
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-chromium-'));
    notices = [];
    engine = await createEngine({
      mode: 'web',
      version: '1',
      dataFolder: folder,
      browserArguments: ['--headless=new', '--no-sandbox', '--disable-gpu'],
    });
    engine.subscribe((name, event) => {
      if (name === 'notice') notices.push(event as Notice);
    });
    await engine.handlers['app.info']({});
  });
  afterEach(async () => {
    await engine?.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('shows a page of the public web, and keeps it from services of this computer', async () => {
    const reached: string[] = [];
    const application = await serve((request, response) => {
      reached.push(`${request.method} ${request.url}`);
      response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Alt-Svc': 'h3=":443"' }).end('secret');
    });
    const reports: string[] = [];
    const here = `http://127.0.0.1:${application}`;
    const page = `<!doctype html><title>Public</title><img id=i>
<form id=f target=frame method=post action="${here}/form"><input name=a value=b></form><iframe name=frame></iframe>
<script>
const report = (text) => fetch('/report?' + encodeURIComponent(text));
(async () => {
  await fetch('${here}/cors').then((r) => r.text()).then((t) => report('cors ' + t), () => report('cors failed'));
  await fetch('${here}/blind', { mode: 'no-cors', method: 'POST', body: 'x' }).catch(() => {});
  await new Promise((done) => { i.onload = i.onerror = done; i.src = '${here}/image'; });
  const frame = document.querySelector('iframe');
  frame.onload = () => report('done');
  f.submit();
})();
</script>`;
    const upstream = await serve((request, response) => {
      const url = new URL(request.url ?? '', 'http://none');
      if (url.pathname === '/report') reports.push(decodeURIComponent(url.search.slice(1)));
      response.writeHead(200, { 'Content-Type': 'text/html', 'Alt-Svc': 'h3=":443"; ma=86400' });
      response.end(url.pathname === '/' ? page : '');
    });
    const { handlers } = engine;
    await handlers['proxy.settings.set']({
      upstream: { address: `http://127.0.0.1:${upstream}` },
      bypass: ['127.0.0.1'],
    });
    await open(`http://${PUBLIC}/`);
    await until(
      async () => reports,
      (seen) => seen.includes('done'),
    );
    expect(reports).not.toContain('cors secret');
    expect(reached).toEqual([]);
    const { flows } = await handlers['flows.list']({ limit: 100 });
    const tried = flows.filter(({ url }) => url.startsWith(here));
    expect(new Set(tried.map(({ url }) => new URL(url).pathname))).toEqual(
      new Set(['/cors', '/blind', '/image', '/form']),
    );
    expect(new Set(tried.map(({ status }) => status))).toEqual(new Set([403]));
    expect(notices).toContainEqual(
      expect.objectContaining({ kind: 'private-access', where: `127.0.0.1:${application}` }),
    );
    // Alt-Svc is recorded as it came, and the browser goes on by way of the proxy all the same.
    const document = flows.find(({ url }) => url === `http://${PUBLIC}/`);
    const { detail } = await handlers['flow.detail']({ id: document?.id ?? '' });
    expect(detail?.flow.response?.rawHeaders).toContain('h3=":443"; ma=86400');

    await handlers['proxy.settings.set']({ localAccess: [PUBLIC] });
    reports.length = 0;
    await open(`http://${PUBLIC}/`);
    await until(
      async () => reports,
      (seen) => seen.includes('done'),
    );
    expect(reports).toContain('cors secret');
    expect(reached).toContain('GET /cors');
  });

  it('says which cookies it leaves out of a request and why, and Why? names that as certain', async () => {
    const id = 'a1b2c3d4'.repeat(5);
    let mail = '';
    const port = await serve((request, response) => {
      const signedIn = /\bsid=/.test(request.headers.cookie ?? '');
      response.setHeader('Content-Type', 'text/html');
      if (request.url === '/login') {
        response.writeHead(302, { 'Set-Cookie': `sid=${id}; SameSite=Strict; HttpOnly`, Location: '/' }).end();
      } else if (request.url === '/' && signedIn) {
        response.end(`signed in as alice<img src="/pixel" onerror="location.href='${mail}'">`);
      } else if (signedIn) response.end('signed in as alice');
      else response.writeHead(401).end('<form><input type=password></form>');
    });
    // A page of another site with a link to the application, as in a mail.
    mail = `http://localhost:${await serve((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.end(`<script>location.href = 'http://127.0.0.1:${port}/mail'</script>`);
    })}/`;
    const { handlers } = engine;
    await open(`http://127.0.0.1:${port}/login`);
    await until(
      async () => (await handlers['flows.list']({ limit: 50 })).flows,
      (flows) => flows.some(({ url, status }) => url.endsWith('/mail') && status === 401),
    );
    const { sessions } = await handlers['sessions.list']({});
    const session = sessions.find(({ carrier }) => carrier.kind === 'cookie' && carrier.name === 'sid');
    const { causes } = await handlers['session.why']({ key: session?.key ?? '' });
    expect(causes[0]).toMatchObject({
      id: 'browser-said-no',
      certainty: 'certain',
      sentence: expect.stringContaining('SameSite=Strict'),
    });
  });

  it('that is killed is missed, with a sentence; its traffic stays and the next one opens', async () => {
    const port = await serve((_, response) => void response.end('<title>Here</title>here'));
    const start = `http://127.0.0.1:${port}/`;
    const { handlers } = engine;
    await open(start);
    await until(
      async () => (await handlers['flows.list']({ limit: 10 })).flows,
      (flows) => flows.some(({ url, status }) => url === start && status === 200),
    );
    for (const pid of chromiumProcesses(folder)) process.kill(pid, 'SIGKILL');
    await until(
      async () => (await handlers['browsers.list']({})).running,
      (running) => running.length === 0,
    );
    expect(notices).toContainEqual(
      expect.objectContaining({
        kind: 'browser-ended',
        message: expect.stringMatching(/^Chromium “blue” was ended from outside \(SIGKILL\)/),
        remedy: expect.stringMatching(/./),
      }),
    );
    const runId = await open(start);
    expect((await handlers['browsers.list']({})).running).toMatchObject([{ runId }]);
    await handlers['browser.close']({ runId });
    expect(notices.filter(({ kind }) => kind === 'browser-ended')).toHaveLength(1);
  });
});

/** The processes of a browser by the profile that stands on their command lines; the browser itself only. */
function chromiumProcesses(profiles: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return line.includes(profiles) && line.includes('--remote-debugging') && !line.includes('--type=');
    } catch {
      return false;
    }
  });
}
