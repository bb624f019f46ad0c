import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Flow } from '../../../../core/model/flow.ts';
import { createRules } from '../../../../core/proxy/rules/rules.ts';
import { fields, frame, PREFACE, settings, TYPE, uint32 } from '../../../support/proxy/http2-frames.ts';
import { originCertificates } from '../../../support/proxy/test-certificates.ts';
import { recordedFlow, replayHarness } from '../../../support/replay-harness.ts';

let origin: Server;
let secure: Http2SecureServer;
let base: string;
let h2: string;
const certificates = originCertificates();
const together: ServerResponse[] = [];
let most = 0;
let now = 0;

/** Says what it saw as JSON; /login redirects with a cookie, /slow waits. */
function answer(req: IncomingMessage, res: ServerResponse): void {
  const path = req.url ?? '';
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    if (path === '/slow') return;
    if (path === '/together') {
      // Nobody is answered before ten have asked.
      together.push(res);
      if (together.length === 10) for (const waiting of together.splice(0)) waiting.end();
      return;
    }
    if (path === '/login') {
      res.writeHead(302, [
        ['Location', '/home'],
        ['Set-Cookie', 'sid=B; Path=/'],
        ['Set-Cookie', 'lang=; Max-Age=0'],
        ['Set-Cookie', 'new=1'],
      ] as never);
      res.end();
      return;
    }
    if (path.startsWith('/to?')) {
      res.writeHead(307, { Location: decodeURIComponent(path.slice(4)) }).end();
      return;
    }
    if (path === '/loop') {
      res.writeHead(307, { Location: '/loop' }).end();
      return;
    }
    now += 1;
    most = Math.max(most, now);
    setImmediate(() => {
      now -= 1;
      res.setHeader('X-Raw', 'caf\xe9');
      res.end(
        // As bytes: Node writes a text body and the head together as UTF-8.
        Buffer.from(
          JSON.stringify({
            address: req.socket.remoteAddress,
            method: req.method,
            path,
            version: req.httpVersion,
            raw: req.rawHeaders,
            body: Buffer.concat(chunks).toString('latin1'),
          }),
        ),
      );
    });
  });
}

beforeAll(async () => {
  origin = createServer(answer);
  secure = createSecureServer({ key: certificates.key, cert: certificates.cert, allowHTTP1: true }, answer as never);
  // Not bound to one address, so that it sees which of them the request came from.
  await once(origin.listen(0), 'listening');
  await once(secure.listen(0, '127.0.0.1'), 'listening');
  base = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  h2 = `https://localhost:${(secure.address() as AddressInfo).port}`;
});
afterAll(() => {
  origin.closeAllConnections();
  origin.close();
  secure.close();
});

interface Seen {
  address: string;
  method: string;
  path: string;
  version: string;
  raw: string[];
  body: string;
}

const harness = replayHarness({ tls: () => ({ ca: [certificates.ca] }) });
afterAll(() => harness.close());
const seenBy = async (flow: Flow | undefined): Promise<Seen> => JSON.parse(await harness.text(flow));
const only = async (flows: Promise<Flow[]>): Promise<Seen> => seenBy((await flows)[0]);
const field = (seen: Seen, name: string) =>
  seen.raw[seen.raw.findIndex((n, i) => i % 2 === 0 && n.toLowerCase() === name) + 1];

describe('replay', () => {
  it('sends the recorded request byte for byte', async () => {
    const rawHeaders = [
      'hOST',
      new URL(base).host,
      'X-B',
      'caf\xe9 \xff',
      'x-b',
      'again',
      'Cookie',
      'sid=A;lang=de',
      'Accept',
      '*/*',
    ];
    const [flow] = await harness.replay(recordedFlow(`${base}/a?b=%41&c`, { rawHeaders }));
    const seen = await seenBy(flow);
    expect(seen.raw.slice(0, rawHeaders.length)).toEqual(rawHeaders);
    expect(seen).toMatchObject({ path: '/a?b=%41&c', method: 'GET', version: '1.1' });
    expect(flow).toMatchObject({
      kind: 'http',
      origin: { replayOf: 'original' },
      response: { status: 200, reason: 'OK' },
      server: { address: '127.0.0.1' },
    });
    expect(flow?.response?.rawHeaders).toContain('caf\xe9');
    expect(flow?.timing?.firstByteMs).toBeGreaterThan(0);
  });

  it('comes from the local address that was asked for', async () => {
    const flow = recordedFlow(`${base}/`);
    for (const address of ['127.0.0.2', '127.0.0.77']) {
      const [again] = await harness.replay(flow, {}, { localAddress: address });
      expect((await seenBy(again)).address).toBe(`::ffff:${address}`);
      expect(again?.client.address).toBe(address);
    }
    const six = recordedFlow(`http://[::1]:${new URL(base).port}/`);
    expect((await only(harness.replay(six, {}, { localAddress: '::1' }))).address).toBe('::1');
  });

  it('changes cookies, headers, method, address and body, and nothing else', async () => {
    const flow = recordedFlow(`${base}/`, {
      rawHeaders: ['Host', new URL(base).host, 'Cookie', 'a=1;  sid=A ;lang=de', 'X-A', '1', 'x-a', '2', 'X-Drop', 'y'],
    });
    const seen = await only(
      harness.replay(flow, {
        method: 'PUT',
        url: `${base}/other`,
        cookies: { sid: 'B', lang: null, extra: 'x' },
        headers: { 'X-A': 'one', 'x-drop': null, 'X-New': 'n' },
        body: Buffer.from('h\xe9', 'latin1'),
      }),
    );
    expect(seen).toMatchObject({ method: 'PUT', path: '/other', body: 'h\xe9' });
    expect(seen.raw.slice(0, 8)).toEqual([
      'Host',
      new URL(base).host,
      'Cookie',
      'a=1;  sid=B ; extra=x',
      'X-A',
      'one',
      'X-New',
      'n',
    ]);
    expect(field(seen, 'content-length')).toBe('2');
    await expect(harness.replay(flow, { cookies: { sid: 'a;b' } })).rejects.toThrow(/cannot stand/);
    await expect(harness.replay(flow, { headers: { 'X-A': 'a\r\nb: c' } })).rejects.toThrow(/cannot stand/);
    await expect(harness.replay(flow, { url: 'file:///etc/passwd' })).rejects.toThrow(/cannot be asked/);
  });

  it('sends the recorded body again, and refuses when it was not kept whole', async () => {
    const writer = harness.bodies.open();
    writer.append(Buffer.from('a=1&b=2'));
    const flow = recordedFlow(`${base}/`, {
      method: 'POST',
      rawHeaders: ['Host', 'x', 'Content-Length', '7', 'Transfer-Encoding', 'chunked', 'Expect', '100-continue'],
      body: writer.close(),
    });
    const seen = await only(harness.replay(flow));
    expect(seen).toMatchObject({ method: 'POST', body: 'a=1&b=2' });
    expect(seen.raw.slice(0, 4)).toEqual(['Host', 'x', 'Content-Length', '7']);
    const cut = recordedFlow(`${base}/`, { body: { size: 10, kept: 7, ref: flow.request.body.ref ?? '' } });
    await expect(harness.replay(cut)).rejects.toThrow(/Only 7 of the 10 bytes/);
    expect((await only(harness.replay(cut, { body: null }))).body).toBe('');
  });

  it('takes forwarding headers as recorded, none, or with an address', async () => {
    const rawHeaders = ['Host', 'x', 'X-Forwarded-For', '203.0.113.9', 'Via', '1.1 a', 'forwarded', 'for=1.2.3.4'];
    const flow = recordedFlow(`${base}/`, { rawHeaders });
    expect(field(await only(harness.replay(flow)), 'x-forwarded-for')).toBe('203.0.113.9');
    const none = await only(harness.replay(flow, {}, { forwardingHeaders: 'none' }));
    expect(none.raw.join(' ')).not.toMatch(/forwarded|via/i);
    const named = await only(harness.replay(flow, {}, { forwardingHeaders: { address: '2001:db8::1' } }));
    expect([field(named, 'x-forwarded-for'), field(named, 'x-real-ip'), field(named, 'forwarded')]).toEqual([
      '2001:db8::1',
      '2001:db8::1',
      'for="[2001:db8::1]"',
    ]);
  });

  it('repeats, at once or one after another', async () => {
    most = 0;
    expect(await harness.replay(recordedFlow(`${base}/`), {}, { times: 20 })).toHaveLength(20);
    expect(most).toBe(1);
    const flows = await harness.replay(recordedFlow(`${base}/together`), {}, { times: 20, parallel: 10 });
    expect(new Set(flows.map(({ id }) => id)).size).toBe(20);
    expect(flows.every(({ response }) => response?.status === 200)).toBe(true);
  });

  it('follows redirects and cookies when asked', async () => {
    const flow = recordedFlow(`${base}/login`, { method: 'POST' });
    const [stays] = await harness.replay(flow);
    expect(stays?.response?.status).toBe(302);
    const plain = await harness.replay(flow, {}, { followRedirects: true });
    expect(plain.map(({ response }) => response?.status)).toEqual([302, 200]);
    expect(field(await seenBy(plain[1]), 'cookie')).toBe('sid=A; lang=de');
    const followed = await harness.replay(flow, {}, { followRedirects: 5, cookies: 'follow' });
    const seen = await seenBy(followed[1]);
    expect(seen).toMatchObject({ method: 'GET', path: '/home' });
    expect(field(seen, 'cookie')).toBe('sid=B; new=1');
    const loop = await harness.replay(recordedFlow(`${base}/loop`), {}, { followRedirects: true });
    expect(loop).toHaveLength(21);
  });

  it('does not carry cookies and credentials to another host', async () => {
    const other = base.replace('127.0.0.1', 'localhost');
    for (const target of [other, base]) {
      const flow = recordedFlow(`${base}/to?${encodeURIComponent(`${target}/there`)}`);
      const rawHeaders = [...flow.request.rawHeaders, 'Authorization', 'Bearer x', 'X-B', '1'];
      for (const cookies of ['recorded', 'follow'] as const) {
        const hops = await harness.replay(
          { ...flow, request: { ...flow.request, rawHeaders } },
          {},
          { followRedirects: true, cookies },
        );
        const seen = await seenBy(hops[1]);
        const same = target === base;
        expect(field(seen, 'host')).toBe(new URL(target).host);
        expect(seen.raw.includes('sid=A; lang=de')).toBe(same);
        expect(seen.raw.includes('Bearer x')).toBe(same);
        expect(field(seen, 'x-b')).toBe('1');
      }
    }
  });

  it('gives the reason when an answer over HTTP/2 breaks off, whatever the code', async () => {
    // By hand: node:http2 ends a stream in good order before it resets it.
    const breaking = createTlsServer({ ...certificates, ALPNProtocols: ['h2'] }, (socket) => {
      socket.on('error', () => {});
      socket.write(settings());
      const answer = Buffer.concat([
        frame(TYPE.headers, 4, 1, fields([':status', '200'])),
        frame(TYPE.data, 0, 1, Buffer.from('half')),
      ]);
      socket.on('data', (bytes: Buffer) => {
        if (!bytes.includes(PREFACE)) return;
        const code = codes.shift() ?? -1;
        if (code < 0) socket.end(answer);
        else socket.write(Buffer.concat([answer, frame(TYPE.rstStream, 0, 1, uint32(code))]));
      });
    });
    const codes = [0, 2, 8, -1];
    await once(breaking.listen(0, '127.0.0.1'), 'listening');
    const at = `https://localhost:${(breaking.address() as AddressInfo).port}`;
    for (const code of [...codes]) {
      const [flow] = await harness.replay(recordedFlow(at, { httpVersion: '2.0' }), {}, { timeoutMs: 5000 });
      expect([code, flow?.error]).toEqual([code, expect.stringMatching(/^the application (reset the stream|closed)/)]);
      expect(flow?.response?.status).toBe(200);
      expect(await harness.text(flow)).toBe('half');
    }
    breaking.close();
  });

  it('goes by way of the rules when asked', async () => {
    const rules = createRules();
    rules.add({ on: 'request', change: { kind: 'cookie', cookie: 'sid', value: 'RULE' } });
    rules.add({ on: 'response', change: { kind: 'header', header: 'X-Mark', value: 'on', add: true } });
    const [flow] = await harness.replay(recordedFlow(`${base}/`), {}, { viaHooks: [rules.hooks] });
    expect(field(await seenBy(flow), 'cookie')).toBe('sid=RULE; lang=de');
    expect(flow?.response?.rawHeaders).toContain('X-Mark');
    expect(flow?.editedBy).toHaveLength(2);
  });

  it('speaks HTTP/2 where the recorded request did', async () => {
    const rawHeaders = ['host', new URL(h2).host, 'cookie', 'a=1', 'cookie', 'sid=A', 'x-b', '1', 'x-b', '2'];
    const flow = recordedFlow(`${h2}/x?y`, { httpVersion: '2.0', rawHeaders });
    const [two] = await harness.replay(flow, { cookies: { sid: 'B' } });
    expect(two?.error).toBeUndefined();
    const seen = await seenBy(two);
    expect(seen).toMatchObject({ version: '2.0', path: '/x?y' });
    expect(field(seen, 'cookie')).toBe('a=1; sid=B');
    expect(two?.response?.httpVersion).toBe('2.0');
    const [one] = await harness.replay({ ...flow, request: { ...flow.request, httpVersion: '1.1' } });
    expect((await seenBy(one)).version).toBe('1.1');
  });

  it('gives a flow with the reason when there is no answer', async () => {
    const [refused] = await harness.replay(recordedFlow('http://127.0.0.1:1/'));
    expect(refused?.error).toMatch(/refused/);
    expect(refused?.response).toBeUndefined();
    const [late] = await harness.replay(recordedFlow(`${base}/slow`), {}, { timeoutMs: 30 });
    expect(late?.error).toMatch(/within 30 ms/);
    const untrusting = replayHarness();
    const [untrusted] = await untrusting.replay(recordedFlow(`${h2}/`));
    expect(untrusted?.error).toMatch(/TLS/);
    await untrusting.close();
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const running = harness.replay(recordedFlow(`${base}/slow`), {}, { signal: stop.signal, times: 5 });
    stop.abort();
    await expect(running).rejects.toThrow(/cancelled/);
  });
});
