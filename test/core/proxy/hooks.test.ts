import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Exchange } from '../../../core/proxy/exchange.ts';
import type { ProxyHooks } from '../../../core/proxy/hooks.ts';
import { http2Ask, http2Session } from '../../support/proxy/behaviour-http2.ts';
import { HOST, labWithProxy, lines, type SendOptions } from '../../support/proxy/lab.ts';
import { Reader, tcp, tlsTunnel } from '../../support/proxy/raw-client.ts';
import { chunk, Gate } from '../../support/proxy/raw-origin.ts';

let running: Awaited<ReturnType<typeof labWithProxy>>;
afterEach(() => running.close());

/** Starts a lab with one hook and asks over HTTP. */
async function ask(
  hook: Omit<ProxyHooks, 'name'>,
  name: string,
  options: SendOptions & { until?: (text: string) => boolean } = {},
) {
  running = await labWithProxy([{ name: 'hook', ...hook }]);
  return running.lab.ask('http', name, options);
}

describe('request hook', () => {
  it('changes method, path and headers before anything is sent', async () => {
    const { seen, text } = await ask(
      {
        request({ request }) {
          request.method = 'PUT';
          request.url = request.url.replace('/c/ok', '/c/reason');
          request.rawHeaders.push('X-New', 'café\xff');
        },
      },
      'ok',
    );
    expect(seen.head).toMatch(/^PUT \/c\/reason\?id=/);
    expect(seen.head).toContain('X-New: caf\xe9\xff');
    expect(text).toContain('299 Very Special Reason');
  });

  it('sends to another host when the URL says so', async () => {
    running = await labWithProxy([
      {
        name: 'redirect',
        request({ request }) {
          request.url = `https://localhost:${running.lab.ports.tls}/c/reason?id=moved`;
        },
      },
    ]);
    const { text } = await running.lab.ask('http', 'ok');
    expect(text).toContain('299 Very Special Reason');
    expect(running.lab.raw.of('moved').head).toMatch(/^GET \/c\/reason/);
  });

  it('translates for a client that speaks HTTP/2 when the new host does not', async () => {
    running = await labWithProxy([
      {
        name: 'redirect',
        request({ request }) {
          request.url = `https://${HOST}:${running.lab.ports.tls}/c/cookies?id=translated`;
        },
      },
    ]);
    const session = await http2Session(running.lab, running.lab.ports.http2);
    const crumbs = ['theme=dark', 'a=1'] as unknown as string;
    const answer = await http2Ask(running.lab, session, { ':path': '/basic', cookie: crumbs });
    session.destroy();
    expect(answer.headers['set-cookie']).toHaveLength(3);
    const { head } = running.lab.raw.of('translated');
    expect(lines(head, /^cookie/i)).toEqual(['cookie: theme=dark; a=1']);
    expect(lines(head, /^host/i)).toHaveLength(1);
  });

  it('holds the request until its promise settles', async () => {
    const gate = new Gate();
    running = await labWithProxy([{ name: 'pause', request: () => gate.opened }]);
    const { seen, reader, socket } = await running.lab.send('http', 'ok');
    const other = await running.lab.send('https', 'none');
    expect(seen.arrived.isOpen).toBe(false);
    gate.open();
    await reader.until((text) => text.endsWith('ok'));
    expect(seen.count).toBe(1);
    socket.destroy();
    other.socket.destroy();
  });

  it('gets the whole body and sends another with a true length', async () => {
    let got = '';
    const { seen } = await ask(
      {
        async request(exchange) {
          got = (await exchange.bufferBody('request')).toString();
          exchange.replaceBody('request', Buffer.from(got.toUpperCase()));
        },
      },
      'upload',
      {
        method: 'POST',
        query: '&n=6',
        headers: ['Transfer-Encoding: chunked'],
        body: `${chunk('abc')}${chunk('def')}0\r\n\r\n`,
        until: (text) => /[0-9a-f]{40}$/.test(text),
      },
    );
    expect(got).toBe('abcdef');
    expect(lines(seen.head, /^(content-length|transfer-encoding)/i)).toEqual(['Content-Length: 6']);
    expect(seen.rest.toString()).toBe('ABCDEF');
  });

  it('lets a body over the limit stream unchanged', async () => {
    let kind = '';
    const body = 'x'.repeat(300_000);
    const { text } = await ask(
      {
        async request(exchange) {
          await exchange.bufferBody('request', 1000).catch((error) => {
            kind = error.problem.kind;
          });
        },
      },
      'upload',
      {
        method: 'POST',
        query: `&n=${body.length}`,
        headers: [`Content-Length: ${body.length}`],
        body,
        until: (got) => /[0-9a-f]{40}$/.test(got),
      },
    );
    expect(kind).toBe('body-too-large');
    expect(text).toMatch(/^HTTP\/1.1 200/);
  });

  it('answers in the place of the application', async () => {
    const { seen, text } = await ask(
      {
        request: (exchange) =>
          exchange.respond({ status: 418, reason: 'Teapot', rawHeaders: ['X-A', '1'], body: 'short' }),
      },
      'ok',
      { until: (got) => got.endsWith('short') },
    );
    expect(text).toBe('HTTP/1.1 418 Teapot\r\nX-A: 1\r\nContent-Length: 5\r\n\r\nshort');
    expect(seen.count).toBe(0);
  });

  it('breaks the exchange off', async () => {
    const errors: string[] = [];
    const { text, ended } = await ask(
      {
        request: (exchange) => exchange.abort('the person dropped it'),
        error: (exchange) => {
          errors.push(exchange.error ?? '');
        },
      },
      'ok',
    );
    expect(text).toBe('');
    expect(ended).not.toBe('open');
    expect(errors).toEqual(['the person dropped it']);
  });
});

describe('response hook', () => {
  it('changes status, reason and headers', async () => {
    const { text } = await ask(
      {
        response({ response }) {
          if (response === undefined) return;
          response.status = 203;
          response.reason = 'Changed';
          response.rawHeaders.push('Set-Cookie', 'new=1');
        },
      },
      'cookies',
    );
    expect(text).toMatch(/^HTTP\/1.1 203 Changed\r\n/);
    expect(lines(text, /^set-cookie/i)).toHaveLength(4);
  });

  it.each(['http', 'https'] as const)('gets the whole body and sends another (%s)', async (mode) => {
    let got: Buffer = Buffer.alloc(0);
    running = await labWithProxy([
      {
        name: 'body',
        async response(exchange) {
          got = await exchange.bufferBody('response');
          exchange.replaceBody('response', gzipSync('other'));
        },
      },
    ]);
    const { text } = await running.lab.ask(mode, 'trailers', { until: (all) => all.includes('\r\n\r\n') });
    expect(got.toString()).toBe('hello');
    expect(lines(text, /^(content-length|transfer-encoding)/i)).toEqual([
      `Content-Length: ${gzipSync('other').length}`,
    ]);
  });

  it('gets the body and lets it pass as it is, with its trailers', async () => {
    const { text } = await ask(
      {
        async response(exchange) {
          await exchange.bufferBody('response');
        },
        trailers(_exchange, _side, trailers) {
          trailers.push('X-More', '1');
        },
      },
      'trailers',
      { until: (got) => got.includes('X-More') },
    );
    expect(text).toMatch(/\r\n5\r\nhello\r\n0\r\nX-Sum: abc123\r\nX-More: 1\r\n\r\n$/);
  });

  it('does the same over HTTP/2', async () => {
    running = await labWithProxy([
      {
        name: 'body',
        async response(exchange) {
          const body = await exchange.bufferBody('response');
          exchange.replaceBody('response', Buffer.from(`[${body}]`));
        },
      },
    ]);
    const session = await http2Session(running.lab, running.lab.ports.http2);
    const { data, headers } = await http2Ask(running.lab, session, { ':path': '/basic' });
    session.destroy();
    expect(data).toBe('[ok]');
    expect(headers['content-length']).toBe('4');
  });
});

describe('what a hook may not do', () => {
  it.each([
    ['a line break in a value', ['X-A', 'a\r\nSet-Cookie: evil=1']],
    ['a character that Latin-1 would cut to a line break', ['X-A', 'a\u010d\u010aSet-Cookie: evil=1']],
    ['a line break in a name', ['X-A: 1\r\nX-B', '1']],
  ])('%s never reaches the application', async (_name, fields) => {
    const { seen, status } = await ask(
      { request: (exchange) => void exchange.request.rawHeaders.push(...fields) },
      'ok',
      {
        until: (text) => text.endsWith('\n') && text.includes('\r\n\r\n'),
      },
    );
    expect(status).toBe(502);
    expect(seen.count).toBe(0);
  });

  it('never reaches the client either', async () => {
    const { status, text } = await ask(
      { response: (exchange) => void exchange.response?.rawHeaders.push('X-A', 'a\nSet-Cookie: evil=1') },
      'ok',
      { until: (got) => got.endsWith('\n') && got.includes('\r\n\r\n') },
    );
    expect(status).toBe(502);
    expect(text).not.toContain('evil=1\r\n');
  });

  it('a throwing hook is logged once and traffic carries on', async () => {
    const fail = () => {
      throw new Error('broken hook');
    };
    const rejects = () => Promise.reject(new Error('broken promise'));
    running = await labWithProxy([
      { name: 'bad', request: fail, response: fail, bodyChunk: fail, end: fail },
      { name: 'worse', request: rejects, response: rejects },
    ]);
    for (let i = 0; i < 3; i++) expect((await running.lab.ask('http', 'ok')).status).toBe(200);
    expect(running.logged.filter((line) => line.includes('broken hook'))).toHaveLength(4);
    expect(running.logged.filter((line) => line.includes('broken promise'))).toHaveLength(2);
  });
});

describe('notifications', () => {
  it('tell sizes, timing, server and both ends of an exchange once', async () => {
    const ended: Exchange[] = [];
    let passed = 0;
    const { text } = await ask(
      {
        bodyChunk: (_exchange, side, bytes) => {
          if (side === 'response') passed += bytes.length;
        },
        end: (exchange) => {
          ended.push(exchange);
        },
      },
      'trailers',
      { until: (got) => got.endsWith('\r\n\r\n') && got.includes('abc123') },
    );
    expect(text).toContain('hello');
    const [exchange] = ended;
    expect(ended).toHaveLength(1);
    expect(exchange?.responseBytes).toBe(5);
    expect(passed).toBe(5);
    expect(exchange?.server).toEqual({ address: HOST, port: running.lab.ports.plain });
    expect(exchange?.timing.totalMs).toBeGreaterThanOrEqual(exchange?.timing.firstByteMs ?? Number.POSITIVE_INFINITY);
    expect(exchange?.responseTrailers).toEqual(['X-Sum', 'abc123']);
    expect(exchange?.error).toBeUndefined();
  });

  it('tell why there is no response', async () => {
    const errors: (string | undefined)[] = [];
    running = await labWithProxy([
      {
        name: 'errors',
        end: ({ error, response }) => {
          errors.push(error);
          expect(response).toBeUndefined();
        },
      },
    ]);
    const socket = await tcp(running.lab.proxy);
    socket.write(`GET http://${HOST}:${running.lab.ports.closed}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await new Reader(socket).head()).toMatch(/^HTTP\/1.1 502/);
    expect(errors[0]).toContain('nothing listens there');
    socket.destroy();
    const tls = await tlsTunnel(running.lab.proxy, { host: HOST, port: running.lab.ports.untrusted });
    tls.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await new Reader(tls).head()).toMatch(/^HTTP\/1.1 502/);
    expect(errors[1]).toContain('switch verification off');
    tls.destroy();
  });
});

describe('pages of the proxy itself', () => {
  const respond: ProxyHooks = {
    name: 'pages',
    request(exchange) {
      if (exchange.own !== undefined) exchange.respond({ status: 200, body: `own ${exchange.own}` });
    },
  };

  it('come from a hook: check page, opened directly, and a request to the proxy itself', async () => {
    running = await labWithProxy([respond]);
    const { proxy } = running;
    const asked = async (target: string) => {
      const socket = await tcp(running.lab.proxy);
      socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      return (await new Reader(socket).toEnd()).split('\r\n\r\n')[1];
    };
    expect(await asked('http://sessionscope.local/')).toBe('own check');
    expect(await asked('/')).toBe('own direct');
    expect(await asked(`http://localhost:${proxy.port}/`)).toBe('own loop');
    const tls = await tlsTunnel(
      running.lab.proxy,
      { host: 'sessionscope.local', port: 443 },
      { alpn: ['h2', 'http/1.1'] },
    );
    tls.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await new Reader(tls).until((text) => text.endsWith('check'))).toContain('own check');
    tls.destroy();
  });

  it('without a hook say what is wrong', async () => {
    running = await labWithProxy([]);
    const socket = await tcp(running.lab.proxy);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await new Reader(socket).until((text) => text.endsWith('\n'))).toContain('This is a proxy');
    socket.destroy();
  });
});
