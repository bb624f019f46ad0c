import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Handlers } from '../../../core/bridge/contract.ts';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';

/* Hosts that the proxy passes on and that `new URL` refuses: recorded, shown and usable like any other. */

let engine: Engine;
let handlers: Handlers;
let folder: string;
let origin: http.Server;
let originPort: number;
let proxyPort: number;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-hosts-'));
  origin = http.createServer((request, response) => {
    response.setHeader('Set-Cookie', `webpy_session_id=${'5f2d9c0a1b'.repeat(4)}; Path=/; HttpOnly`);
    if (request.url === '/away') response.writeHead(302, { Location: '/home' });
    response.end(`asked as ${request.headers.host}`);
  });
  await new Promise<void>((done) => origin.listen(0, '127.0.0.1', done));
  originPort = (origin.address() as AddressInfo).port;
  engine = await createEngine({ mode: 'web', version: '1', dataFolder: folder });
  ({ handlers } = engine);
  proxyPort = (await handlers['app.info']({})).proxy.port;
});
afterAll(async () => {
  await engine.close();
  origin.closeAllConnections();
  origin.close();
  await rm(folder, { recursive: true, force: true });
});

function throughProxy(url: string, cookie = ''): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(proxyPort, '127.0.0.1', () => {
      const host = /\/\/([^/?#]*)/.exec(url)?.[1] ?? '';
      const more = cookie === '' ? '' : `Cookie: ${cookie}\r\n`;
      socket.write(`GET ${url} HTTP/1.1\r\nHost: ${host}\r\n${more}Connection: close\r\n\r\n`);
    });
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
  });
}

describe.each(['a%zz.localhost', '%.localhost', 'a^b.localhost', 'a|b.localhost', 'a<b>.localhost', 'xn--a.localhost'])(
  '%s',
  (host) => {
    const url = (pathname: string) => `http://${host}:${originPort}${pathname}`;

    test('is passed on, recorded, and everything about its session answers', async () => {
      expect(await throughProxy(url('/first?x=%zz'))).toMatch(/^HTTP\/1\.1 200 /);
      const cookie = `webpy_session_id=${'5f2d9c0a1b'.repeat(4)}; other=1`;
      expect(await throughProxy(url('/again'), cookie)).toMatch(/^HTTP\/1\.1 200 /);
      expect(await throughProxy(url('/away'), cookie)).toMatch(/^HTTP\/1\.1 302 /);

      const { flows } = await handlers['flows.list']({ limit: 100, filter: '/again' });
      const flow = flows.find((one) => one.url === url('/again'));
      expect(flow).toBeDefined();
      const id = flow?.id ?? '';
      const { sessions } = await handlers['sessions.list']({});
      const session = sessions.find((one) => one.host === `${host}:${originPort}`);
      expect(session).toMatchObject({ host: `${host}:${originPort}` });
      const key = session?.key ?? '';

      const { detail } = await handlers['session.detail']({ key });
      expect(detail?.flows.map((one) => one.url)).toContain(url('/again'));
      expect(detail?.cookie).toMatchObject({ name: 'webpy_session_id', path: '/', httpOnly: true });
      expect((await handlers['flow.detail']({ id })).detail?.requestCookies).toHaveLength(2);
      await handlers['session.timeline']({ key, limit: 100 });
      const header = `webpy_session_id=x; Path=/`;
      expect(await handlers['cookie.judge']({ setCookie: header, url: url('/first') })).toMatchObject({ stored: true });
      await handlers['cookie.preview']({ key, change: { value: 'y' } } as never).catch(expectProblem);
      expect((await handlers['export.har']({})).text).toContain(JSON.stringify(url('/again')).slice(1, -1));
      expect((await handlers['export.curl']({ id })).text).toContain('/again');
      for (const form of ['cookies-txt', 'storage-state', 'netscape'] as const) {
        await handlers['export.cookies']({ key, form } as never).catch(expectProblem);
      }
      const { flowIds } = await handlers['flow.replay']({ id, followRedirects: 5 } as never).catch(() =>
        handlers['flow.replay']({ id }),
      );
      expect(flowIds.length).toBeGreaterThan(0);
      await handlers['session.prove']({ key, flowId: id }).catch(expectProblem);
      const { experiments } = await handlers['lab.catalog']({});
      await handlers['lab.run']({
        key,
        experiments: experiments.map((one) => one.id).slice(0, 3),
        settings: { idleSeconds: 60, absoluteSeconds: null, addressMayChange: true, addresses: ['127.0.0.1'] },
        verificationFlowId: id,
        confirmed: true,
      }).catch(expectProblem);
      for (const run of (await handlers['lab.runs']({})).runs) await handlers['lab.cancel']({ runId: run.runId });
    });
  },
);

/** A refusal in words is an answer; a message of the platform is not. */
function expectProblem(error: unknown): void {
  expect(error).toHaveProperty('problem');
  expect(String(error)).not.toMatch(/Invalid URL|URI malformed|undefined/);
}
