import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { EventOf, Handlers, RequestOf } from '../../../core/bridge/contract.ts';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import type { EngineOptions } from '../../../core/engine/host.ts';
import type { HeldInfo } from '../../../core/model/proxy-settings.ts';
import { originCertificates } from '../../support/proxy/test-certificates.ts';
import { throughProxy, valuesOf } from '../../support/through-proxy.ts';
import { until } from '../../support/until.ts';

/* The proxy's settings, rules, breakpoints and formats over the bridge's handlers: a real engine, proxy and servers. */

const pair = originCertificates();
const SET_COOKIES = ['sid=3f2a; Path=/; HttpOnly; SameSite=Lax', 'theme=dark;Path=/', 'lang=en; path=/;  Secure'];
let folder = '';
let engine: Engine;
let handlers: Handlers;
let proxyPort = 0;
let origin: Server;
let secure: Server;
let between: Server;
let plain = '';
let tls = '';
const seen: { method: string; url: string; rawHeaders: string[]; body: string; from: string }[] = [];
const passed: string[] = [];
const sockets = new Set<Socket>();
const listeners = new Set<(name: string, event: unknown) => void>();

async function origins(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('latin1');
  const { method = '', url = '', rawHeaders } = req;
  seen.push({ method, url, rawHeaders, body, from: req.socket.remoteAddress ?? '' });
  if (url.startsWith('/redirect')) {
    res.writeHead(302, ['Location', '/after', 'Set-Cookie', 'hop=1; Path=/']).end();
    return;
  }
  const fields = SET_COOKIES.flatMap((one) => ['Set-Cookie', one]);
  res.writeHead(200, ['Content-Type', 'text/plain', ...fields]);
  res.end(`${method} ${url} ${body}`);
}

const options = (more: Partial<EngineOptions> = {}): EngineOptions => ({
  mode: 'web',
  version: '1.2.3',
  dataFolder: path.join(folder, 'data'),
  ...more,
});

async function start(more: Partial<EngineOptions> = {}): Promise<void> {
  engine = await createEngine(options(more));
  ({ handlers } = engine);
  engine.subscribe((name, event) => {
    for (const listener of listeners) listener(name, event);
  });
  proxyPort = (await handlers['app.info']({})).proxy.port;
}

const port = (server: Server): number => (server.address() as AddressInfo).port;
const pem = async (): Promise<string> => (await handlers['certificate.export']({ form: 'pem' })).text ?? '';
const flowOf = (part: string) =>
  until(
    async () => (await handlers['flows.list']({ limit: 500 })).flows.find((one) => one.url.includes(part)),
    (flow) => flow?.endedAt !== undefined,
  ).then((flow) => flow as NonNullable<typeof flow>);

/** The next message that is held, or how one went on. */
function nextHeld(): Promise<EventOf<'intercept.changed'>> {
  return new Promise((resolve) => {
    const listener = (name: string, event: unknown) => {
      if (name !== 'intercept.changed') return;
      listeners.delete(listener);
      resolve(event as EventOf<'intercept.changed'>);
    };
    listeners.add(listener);
  });
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-desk-'));
  const answer = (req: IncomingMessage, res: ServerResponse) => void origins(req, res);
  origin = createServer(answer);
  secure = createSecureServer({ key: pair.key, cert: pair.cert }, answer) as unknown as Server;
  between = createServer((req, res) => {
    passed.push(`${req.method} ${req.url} ${req.headers['proxy-authorization'] ?? ''}`);
    const { 'proxy-authorization': _, ...headers } = req.headers;
    const onward = request(req.url ?? '', { method: req.method ?? 'GET', headers }, (from) => {
      res.writeHead(from.statusCode ?? 0, from.rawHeaders as never);
      from.pipe(res);
    });
    req.pipe(onward);
  });
  between.on('connect', (req, client: Socket) => {
    passed.push(`CONNECT ${req.url}`);
    const [host = '', to = ''] = (req.url ?? '').split(':');
    const onward = connect(Number(to), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(client).pipe(onward);
    });
    for (const socket of [client, onward]) sockets.add(socket.on('error', () => undefined));
  });
  for (const server of [origin, secure, between]) await once(server.listen(0, '127.0.0.1'), 'listening');
  plain = `http://127.0.0.1:${port(origin)}`;
  tls = `https://localhost:${port(secure)}`;
  await start();
});
beforeEach(() => {
  seen.length = 0;
  passed.length = 0;
});
afterAll(async () => {
  await engine.close();
  for (const socket of sockets) socket.destroy();
  for (const server of [origin, secure, between]) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true, force: true });
});

const set = (change: RequestOf<'proxy.settings.set'>) => handlers['proxy.settings.set'](change);

describe('settings of the proxy', () => {
  it('goes through an upstream proxy as soon as one is set, and straight again', async () => {
    await throughProxy(proxyPort, `${plain}/before`);
    expect(passed).toEqual([]);
    const { settings } = await set({
      upstream: { address: `http://anna:pa%20ss@127.0.0.1:${port(between)}` },
      bypass: [],
      tls: [{ host: 'localhost', verify: true, ca: pair.ca }],
    });
    expect(settings.upstream).toEqual({
      address: `http://127.0.0.1:${port(between)}`,
      username: 'anna',
      hasPassword: true,
    });
    expect((await throughProxy(proxyPort, `${plain}/by`)).body).toBe('GET /by ');
    const basic = `Basic ${Buffer.from('anna:pa ss').toString('base64')}`;
    expect(passed).toEqual([`GET ${plain}/by ${basic}`]);
    expect((await throughProxy(proxyPort, `${tls}/by-tls`, { ca: [await pem()] })).body).toBe('GET /by-tls ');
    expect(passed[1]).toBe(`CONNECT localhost:${port(secure)}`);
    // A replay takes the same way.
    const { id } = await flowOf('/by-tls');
    const { flowId } = await handlers['flow.replay']({ id });
    expect((await handlers['flow.detail']({ id: flowId })).detail?.flow.response?.status).toBe(200);
    expect(passed).toHaveLength(3);
    await set({ upstream: { address: 'direct' } });
    await throughProxy(proxyPort, `${plain}/after`);
    expect(passed).toHaveLength(3);
    await set({ bypass: ['<local>'], tls: [] });
  });

  it('trusts an HTTPS upstream proxy as it trusts applications: by its host, with an authority of its own', async () => {
    const proxy = createSecureServer(pair, (_, res) => res.end('by the secure one'));
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const upstream = { address: `https://localhost:${port(proxy)}` };
    await set({ upstream, bypass: [] });
    const refused = await throughProxy(proxyPort, `${plain}/x`);
    expect([refused.status, refused.body]).toEqual([502, expect.stringMatching(/upstream proxy.*certificate.*Trust/)]);
    await set({ upstream, tls: [{ host: 'localhost', verify: true, ca: pair.ca }] });
    expect((await throughProxy(proxyPort, `${plain}/x`)).body).toBe('by the secure one');
    await set({ upstream, tls: [{ host: 'localhost', verify: false }] });
    expect((await throughProxy(proxyPort, `${plain}/x`)).body).toBe('by the secure one');
    await set({ upstream: { address: 'direct' }, bypass: ['<local>'], tls: [] });
    proxy.closeAllConnections();
    proxy.close();
  });

  it('asks a PAC script, and refuses one that is none with nothing changed', async () => {
    const script = `function FindProxyForURL(url, host) { return host === '127.0.0.1' ? 'PROXY 127.0.0.1:${port(between)}' : 'DIRECT'; }`;
    await set({ upstream: { address: 'pac', pacScript: script }, bypass: [] });
    await throughProxy(proxyPort, `${plain}/pac`);
    expect(passed).toEqual([`GET ${plain}/pac `]);
    await expect(set({ upstream: { address: 'pac', pacScript: 'function (' } })).rejects.toThrow(/PAC script/);
    await expect(set({ upstream: { address: 'what is this' } })).rejects.toThrow(/no address of a proxy/);
    expect((await handlers['proxy.settings.get']({})).settings.upstream.pacScript).toBe(script);
    await set({ upstream: { address: 'direct' }, bypass: ['<local>'] });
  });

  it('lets a certificate pass for one host only', async () => {
    const ca = [await pem()];
    expect((await throughProxy(proxyPort, `${tls}/strict`, { ca })).status).toBe(502);
    await set({ tls: [{ host: 'localhost', verify: false }] });
    expect((await throughProxy(proxyPort, `${tls}/lax`, { ca })).status).toBe(200);
    const other = tls.replace('localhost', '127.0.0.1');
    expect((await throughProxy(proxyPort, `${other}/other`, { ca })).status).toBe(502);
    await set({ tls: [{ host: '127.0.0.1', verify: true, ca: pair.ca }] });
    expect((await throughProxy(proxyPort, `${other}/own-ca`, { ca })).status).toBe(200);
    expect((await throughProxy(proxyPort, `${tls}/strict-again`, { ca })).status).toBe(502);
    await expect(set({ tls: [{ host: 'a.test', verify: true, ca: 'no pem' }] })).rejects.toThrow(/cannot be used/);
    await set({ tls: [] });
  });

  it('shows a client certificate to the host that it is for, and never tells its key', async () => {
    const asked = createSecureServer(
      { key: pair.key, cert: pair.cert, ca: pair.ca, requestCert: true, rejectUnauthorized: false },
      (req, res) =>
        res.end(String((req.socket as import('node:tls').TLSSocket).getPeerCertificate().subject?.CN ?? 'nobody')),
    );
    await once(asked.listen(0, '127.0.0.1'), 'listening');
    const url = `https://localhost:${port(asked as unknown as Server)}/`;
    const ca = [await pem()];
    const one = { host: 'localhost', verify: true, ca: pair.ca };
    await set({ tls: [one] });
    expect((await throughProxy(proxyPort, url, { ca })).body).toBe('nobody');
    const { settings } = await set({ tls: [{ ...one, cert: pair.cert, key: pair.key }] });
    expect((await throughProxy(proxyPort, url, { ca })).body).toBe('origin');
    expect(JSON.stringify(settings)).not.toContain('PRIVATE KEY');
    expect(settings.tls[0]).toMatchObject({ hasKey: true, hasPassphrase: false });
    // The key that is not named stays.
    await set({ tls: [{ ...one, cert: pair.cert }] });
    expect((await throughProxy(proxyPort, url, { ca })).body).toBe('origin');
    await set({ tls: [] });
    asked.closeAllConnections();
    asked.close();
  });

  it('does not read what is in a blind tunnel, and does not record what is passed', async () => {
    await set({ scope: { others: 'record', hosts: [{ host: 'localhost', treat: 'blind' }] } });
    const blind = await throughProxy(proxyPort, `${tls}/blind`, { ca: [pair.ca] });
    expect([blind.status, blind.issuer]).toEqual([200, 'Origins of tests']);
    await set({
      scope: { others: 'pass', hosts: [] },
      tls: [{ host: 'localhost', verify: true, ca: pair.ca }],
    });
    const read = await throughProxy(proxyPort, `${tls}/passed`, { ca: [await pem()] });
    expect([read.status, read.issuer?.startsWith('Sessionscope')]).toEqual([200, true]);
    await set({ scope: { others: 'record', hosts: [] }, tls: [] });
    await throughProxy(proxyPort, `${plain}/recorded-again`);
    await flowOf('/recorded-again');
    const { flows } = await handlers['flows.list']({ limit: 500 });
    expect(flows.filter(({ url }) => /\/(blind|passed)$/.test(url))).toEqual([]);
  });

  it('has all of it again after a restart, with secrets sealed by the keychain', async () => {
    await engine.close();
    // A keychain that is none, but tells what came through it.
    const turned = (bytes: Uint8Array) => Buffer.from(bytes.map((byte) => byte ^ 0x5a));
    const protectKey = {
      encrypt: (text: string) => turned(Buffer.from(text)),
      decrypt: (bytes: Uint8Array) => turned(bytes).toString(),
    };
    const dataFolder = path.join(folder, 'sealed');
    await start({ protectKey, dataFolder });
    await set({ upstream: { address: `http://anna:top-secret@127.0.0.1:${port(between)}` }, bypass: [] });
    await handlers['rules.add']({ on: 'request', change: { kind: 'header', header: 'X-Kept', value: '1', add: true } });
    const { workspaceFile } = await handlers['app.info']({});
    await engine.close();
    expect(readFileSync(workspaceFile).includes('top-secret')).toBe(false);
    await start({ protectKey, dataFolder });
    await throughProxy(proxyPort, `${plain}/restarted`, { headers: ['X-Other', 'a'] });
    expect(passed[0]).toContain(Buffer.from('anna:top-secret').toString('base64'));
    expect(valuesOf(seen[0] ?? { rawHeaders: [] }, 'x-kept')).toEqual(['1']);
    await engine.close();
    await start();
  });
});

describe('rules', () => {
  it('change exactly one cookie, and nothing else by a byte', async () => {
    const cookie = ['Cookie', 'sid=3f2a;theme=dark;  lang="en"', 'X-Odd', ' two  spaces'];
    const before = await throughProxy(proxyPort, `${plain}/shop`, { headers: cookie });
    const plainSeen = seen[0];
    const { rule } = await handlers['rules.add']({
      on: 'request',
      host: '127.0.0.1',
      path: '/shop',
      change: { kind: 'cookie', cookie: 'sid', value: 'edited' },
    });
    const answered = await handlers['rules.add']({
      on: 'response',
      change: { kind: 'cookie', cookie: 'theme', value: 'light', set: { SameSite: 'Strict', HttpOnly: null } },
    });
    const after = await throughProxy(proxyPort, `${plain}/shop`, { headers: cookie });
    const changed = seen[1];
    expect(changed?.rawHeaders).toEqual(
      plainSeen?.rawHeaders.map((text) => (text.startsWith('sid=') ? 'sid=edited;theme=dark;  lang="en"' : text)),
    );
    expect(valuesOf(before, 'set-cookie')).toEqual(SET_COOKIES);
    const [first, second = '', third] = valuesOf(after, 'set-cookie');
    expect([first, third]).toEqual([SET_COOKIES[0], SET_COOKIES[2]]);
    expect(second).toMatch(/^theme=light;Path=\/; ?SameSite=Strict; ?HttpOnly$/);
    // Another path is not the rule's business.
    await throughProxy(proxyPort, `${plain}/shopping`, { headers: cookie });
    expect(seen[2]?.rawHeaders.find((text) => text.startsWith('sid='))).toBe(cookie[1]);

    const listed = await until(
      async () => (await handlers['rules.list']({})).rules,
      (rules) => rules.some(({ applied }) => applied === 1),
    );
    expect(listed.map(({ title, host, path: at, on }) => ({ title, host, at, on }))).toEqual([
      { title: 'sid = edited in requests', host: '127.0.0.1', at: '/shop', on: 'request' },
      { title: expect.stringContaining('theme = light'), host: '*', at: undefined, on: 'response' },
    ]);
    // The flow shows both: what came, and what went on instead.
    const flow = (await handlers['flow.detail']({ id: (await flowOf('/shop')).id })).detail?.flow;
    expect(flow?.editedBy).toContain('theme = light, SameSite=Strict, HttpOnly in responses');
    await handlers['rule.enable']({ ruleId: rule.ruleId, enabled: false });
    await throughProxy(proxyPort, `${plain}/shop`, { headers: cookie });
    expect(seen[3]?.rawHeaders).toEqual(plainSeen?.rawHeaders);
    for (const { ruleId } of [rule, answered.rule]) await handlers['rule.remove']({ ruleId });
    expect((await handlers['rules.list']({})).rules).toEqual([]);
  });

  it('refuse what cannot be applied', async () => {
    const refused = (ask: RequestOf<'rules.add'>) => expect(handlers['rules.add'](ask)).rejects.toThrow();
    await refused({ on: 'request', change: { kind: 'cookie', cookie: 'a' } });
    await refused({ on: 'request', change: { kind: 'cookie', cookie: 'a', value: 'x; b=y' } });
    await refused({ on: 'request', change: { kind: 'cookie', cookie: 'a', set: { Path: '/' } } });
    await refused({ on: 'response', change: { kind: 'header', header: 'X-A', value: 'a\r\nB: c' } });
    await refused({ on: 'request', path: 'shop', change: { kind: 'header', header: 'X-A', value: 'a' } });
    expect((await handlers['rules.list']({})).rules).toEqual([]);
  });
});

describe('breakpoints', () => {
  const hold = (on: 'request' | 'response', timeLimitSeconds: number) =>
    handlers['intercept.breakpoints.set']({
      breakpoints: [{ on: [on], host: '127.0.0.1', path: '/held', enabled: true }],
      timeLimitSeconds,
    });

  it('hold a request, let its head and body be edited, and send it on', async () => {
    await hold('request', 60);
    const held = nextHeld();
    const answer = throughProxy(proxyPort, `${plain}/held`, {
      method: 'POST',
      headers: ['Content-Type', 'text/plain', 'Cookie', 'sid=1'],
      body: 'first',
    });
    const [one] = (await held).held as [HeldInfo];
    expect([one.method, one.side, one.until - one.heldAt]).toEqual(['POST', 'request', 60_000]);
    expect(seen).toEqual([]);
    expect(await handlers['intercept.body']({ id: one.id })).toEqual({ text: 'first', base64: null, size: 5 });
    const ended = nextHeld();
    await handlers['intercept.resume']({
      id: one.id,
      edit: {
        rawHeaders: one.rawHeaders.map((text) => (text === 'sid=1' ? 'sid=2' : text)),
        body: { text: 'second, longer' },
      },
    });
    expect((await ended).ended).toEqual({ id: one.id, end: 'edited' });
    expect((await answer).body).toBe('POST /held second, longer');
    expect(valuesOf(seen[0] ?? { rawHeaders: [] }, 'cookie')).toEqual(['sid=2']);
    await expect(handlers['intercept.resume']({ id: one.id })).rejects.toThrow(/not held any more/);
  });

  it('hold an answer and change its status', async () => {
    await hold('response', 60);
    const held = nextHeld();
    const answer = throughProxy(proxyPort, `${plain}/held/answer`);
    const [one] = (await held).held as [HeldInfo];
    expect([one.status, one.side]).toEqual([200, 'response']);
    await handlers['intercept.resume']({ id: one.id, edit: { status: 418, reason: 'Teapot', body: { text: 'no' } } });
    expect(await answer).toMatchObject({ status: 418, body: 'no' });
    expect(valuesOf(await answer, 'set-cookie')).toEqual(SET_COOKIES);
  });

  it('let a message go on unchanged when its time is over', async () => {
    await hold('request', 1);
    const events: EventOf<'intercept.changed'>[] = [];
    const listener = (name: string, event: unknown) => {
      if (name === 'intercept.changed') events.push(event as EventOf<'intercept.changed'>);
    };
    listeners.add(listener);
    expect((await throughProxy(proxyPort, `${plain}/held/late`)).body).toBe('GET /held/late ');
    listeners.delete(listener);
    expect(events.map(({ held, ended }) => [held.length, ended?.end])).toEqual([
      [1, undefined],
      [0, 'timed-out'],
    ]);
  });

  it('drop a message: the client gets no answer and the application no request', async () => {
    await hold('request', 60);
    const held = nextHeld();
    const answer = throughProxy(proxyPort, `${plain}/held/dropped`);
    const broken = expect(answer).rejects.toThrow();
    const [one] = (await held).held as [HeldInfo];
    await handlers['intercept.drop']({ id: one.id });
    await broken;
    expect(seen).toEqual([]);
    await handlers['intercept.breakpoints.set']({ breakpoints: [], timeLimitSeconds: 300 });
  });
});

describe('replay', () => {
  it('sends another method, address and body, several times at once, from another address', async () => {
    await throughProxy(proxyPort, `${plain}/replayed`, {
      headers: ['X-Forwarded-For', '9.9.9.9', 'Cookie', 'sid=1'],
    });
    const { id } = await flowOf('/replayed');
    seen.length = 0;
    const { flowIds } = await handlers['flow.replay']({
      id,
      method: 'PUT',
      url: `${plain}/other?x=1`,
      body: { text: 'new body' },
      times: 6,
      parallel: 3,
      forwardingHeaders: { address: '10.1.2.3' },
      localAddress: '127.0.0.3',
    });
    expect(new Set(flowIds).size).toBe(6);
    expect(seen).toHaveLength(6);
    for (const one of seen) {
      expect([one.method, one.url, one.body, one.from]).toEqual(['PUT', '/other?x=1', 'new body', '127.0.0.3']);
      expect(valuesOf(one, 'x-forwarded-for')).toEqual(['10.1.2.3']);
    }
  });

  it('follows redirects with their cookies when asked', async () => {
    await throughProxy(proxyPort, `${plain}/redirect`, { headers: ['Cookie', 'sid=1'] });
    const { id } = await flowOf('/redirect');
    expect((await handlers['flow.replay']({ id })).flowIds).toHaveLength(1);
    seen.length = 0;
    const { flowIds } = await handlers['flow.replay']({ id, followRedirects: true, followCookies: true });
    expect(flowIds).toHaveLength(2);
    expect(seen.map(({ url, rawHeaders }) => [url, valuesOf({ rawHeaders }, 'cookie')[0]])).toEqual([
      ['/redirect', 'sid=1'],
      ['/after', 'sid=1; hop=1'],
    ]);
  });
});

describe('formats', () => {
  it('a HAR exported with secrets and imported again has the same heads and bodies', async () => {
    const body = 'käse=1&password=geheim';
    await throughProxy(proxyPort, `${plain}/har?a=1`, {
      method: 'POST',
      headers: ['Content-Type', 'application/x-www-form-urlencoded', 'Cookie', 'sid=3f2a; theme=dark', 'X-Bin', 'é'],
      body: encodeURI(body),
    });
    const { id } = await flowOf('/har');
    const masked = await handlers['export.har']({ ids: [id] });
    expect(masked.text).not.toContain('3f2a');
    // The answer repeats the form as plain text, which nobody can know to be a secret.
    expect(JSON.parse(masked.text).log.entries[0].request.postData.text).toBe('k%C3%A4se=1&password=[masked]');
    const { text, count } = await handlers['export.har']({ ids: [id], secrets: true });
    expect(count).toBe(1);
    const { flowIds, notes } = await handlers['import.har']({ text });
    expect([flowIds.length, notes]).toEqual([1, []]);
    const [before, after] = await Promise.all(
      [id, flowIds[0] ?? ''].map(async (one) => (await handlers['flow.detail']({ id: one })).detail?.flow),
    );
    expect(after?.request).toMatchObject({
      method: before?.request.method,
      url: before?.request.url,
      rawHeaders: before?.request.rawHeaders,
    });
    expect(after?.response).toMatchObject({ status: 200, rawHeaders: before?.response?.rawHeaders });
    for (const part of ['request', 'response'] as const) {
      const [one, two] = await Promise.all(
        [id, flowIds[0] ?? ''].map((flow) => handlers['flow.body']({ id: flow, part })),
      );
      expect(two?.text).toBe(one?.text);
      expect(two?.text?.length).toBeGreaterThan(0);
    }
    await expect(handlers['import.har']({ text: '{"log":{}}' })).rejects.toThrow(/no list of entries/);
    await expect(handlers['import.har']({ text: 'GIF89a' })).rejects.toThrow(/no HAR/);
  });

  it('a curl command sends the same request: real curl, same request at the server, same answer', async () => {
    await throughProxy(proxyPort, `${plain}/curl?q=[1]{2}&x='$(id)'`, {
      method: 'POST',
      headers: ['Content-Type', 'text/plain', 'Cookie', `sid=3f2a; odd="a'b"`, 'X-Empty', '', 'X-Odd', '$HOME `id` !1'],
      body: `line one\nit's $HOME \\ "two" \x01`,
    });
    const recorded = seen[0];
    const { id } = await flowOf('/curl');
    const masked = await handlers['export.curl']({ id });
    expect(masked.text).not.toContain('3f2a');
    const { text, notes } = await handlers['export.curl']({ id, secrets: true });
    expect(notes).toEqual([]);
    seen.length = 0;
    const { stdout } = await promisify(execFile)('bash', ['-c', text.replace(/^curl/, 'curl --silent --noproxy "*"')]);
    const again = seen[0];
    expect(stdout).toBe(`POST ${recorded?.url} ${recorded?.body}`);
    expect([again?.method, again?.url, again?.body]).toEqual([recorded?.method, recorded?.url, recorded?.body]);
    const fields = (raw: readonly string[] = []) =>
      raw.filter((_, i) => !/^(connection|content-length)$/i.test(raw[i - (i % 2)] ?? ''));
    expect(fields(again?.rawHeaders)).toEqual(fields(recorded?.rawHeaders));
  });

  it('cookies of a session go out as cookies.txt that real curl uses, and come back', async () => {
    const jar = ['Cookie', 'sid=8c1f0d2b7e6a4935b1d2c3e4f5a60718'];
    await throughProxy(proxyPort, `${plain}/jar`, { headers: jar });
    await throughProxy(proxyPort, `${plain}/jar`, { headers: jar });
    await flowOf('/jar');
    const { sessions } = await until(
      () => handlers['sessions.list']({}),
      (list) => list.sessions.length > 0,
    );
    const key = sessions[0]?.key ?? '';
    expect((await handlers['export.cookies']({ key, form: 'cookies.txt' })).text).not.toContain('3f2a');
    const { text } = await handlers['export.cookies']({ key, form: 'cookies.txt', secrets: true });
    expect(text).toMatch(/^#HttpOnly_127\.0\.0\.1\tFALSE\t\/\tFALSE\t0\tsid\t/m);
    const { cookies, stored } = await handlers['import.cookies']({ text });
    expect(stored).toBeNull();
    const state = await handlers['export.cookies']({ key, form: 'storageState', secrets: true });
    const again = (await handlers['import.cookies']({ text: state.text })).cookies;
    const short = (list: typeof cookies) =>
      list.map(({ name, value, domain, path: at, secure: safe, httpOnly }) => [
        name,
        value,
        domain,
        at,
        safe,
        httpOnly,
      ]);
    expect(short(again)).toEqual(short(cookies));
    expect(cookies.map(({ name }) => name)).toContain('theme');
    seen.length = 0;
    const file = path.join(folder, 'cookies.txt');
    await writeFile(file, text);
    await promisify(execFile)('curl', ['--silent', '--noproxy', '*', '--cookie', file, `${plain}/with-jar`]);
    const sent = valuesOf(seen[0] ?? { rawHeaders: [] }, 'cookie')[0];
    expect(sent).toContain(`sid=${cookies.find(({ name }) => name === 'sid')?.value}`);
  });
});

describe('certificate', () => {
  it('is rotated at once: new connections are signed by the new one', async () => {
    await set({ tls: [{ host: 'localhost', verify: true, ca: pair.ca }] });
    const old = await pem();
    expect((await throughProxy(proxyPort, `${tls}/old`, { ca: [old] })).status).toBe(200);
    const { certificate } = await handlers['certificate.rotate']({});
    const now = await pem();
    expect(now).not.toBe(old);
    expect((await handlers['app.info']({})).certificate).toEqual(certificate);
    expect(readFileSync(certificate.file, 'utf8')).toBe(now);
    await expect(throughProxy(proxyPort, `${tls}/old`, { ca: [old] })).rejects.toThrow();
    expect((await throughProxy(proxyPort, `${tls}/new`, { ca: [now] })).status).toBe(200);
    const { base64 } = await handlers['certificate.export']({ form: 'der' });
    expect(now.replace(/-----[A-Z ]+-----|\s/g, '')).toBe(base64);
    await handlers['certificate.remove']({});
    expect(() => readFileSync(certificate.file)).toThrow(/ENOENT/);
    expect((await throughProxy(proxyPort, `${tls}/memory`, { ca: [await pem()] })).status).toBe(200);
    await set({ tls: [] });
  });
});

describe('WebSocket', () => {
  it('keeps the frames that passed, while it is open and afterwards', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
    await once(server, 'listening');
    server.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)));
    const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const tunnel = await new Promise<Socket>((resolve, reject) => {
      request({ host: '127.0.0.1', port: proxyPort, method: 'CONNECT', path: target, agent: false })
        .on('connect', (_, socket: Socket) => resolve(socket))
        .on('error', reject)
        .end();
    });
    const client = new WebSocket(`ws://${target}/socket`, { createConnection: () => tunnel, perMessageDeflate: false });
    await once(client, 'open');
    client.send('hello');
    await once(client, 'message');
    client.send(Buffer.from([1, 2, 255]));
    await once(client, 'message');
    const open = (await handlers['flows.list']({ limit: 500 })).flows.find(({ url }) => url.includes('/socket'));
    const id = open?.id ?? '';
    const live = await handlers['flow.frames']({ id });
    expect(live.frames.map(({ from, text }) => [from, text]).slice(0, 2)).toEqual([
      ['client', 'hello'],
      ['server', 'echo hello'],
    ]);
    client.close();
    await once(client, 'close');
    await flowOf('/socket');
    const { frames, total } = await handlers['flow.frames']({ id });
    expect(frames.map(({ from, opcode, size }) => [from, opcode, size]).slice(0, 3)).toEqual([
      ['client', 1, 5],
      ['server', 1, 10],
      ['client', 2, 3],
    ]);
    expect(frames[2]?.base64).toBe(Buffer.from([1, 2, 255]).toString('base64'));
    expect(total).toBe(frames.length);
    expect((await handlers['flow.detail']({ id })).detail?.flow.frames).toMatchObject({ count: total, kept: total });
    server.close();
  });
});
