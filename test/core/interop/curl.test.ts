import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { curlCommand } from '../../../core/interop/curl.ts';
import type { Flow } from '../../../core/model/flow.ts';
import { needs } from '../../support/needs.ts';
import { recordedFlow } from '../../support/replay-harness.ts';

interface Received {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

needs('curl')('an exported curl command, run by the real curl', () => {
  let folder = '';
  let base = '';
  const received: Received[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: target = '', httpVersion: version, rawHeaders } = request;
      received.push({ method, target, version, rawHeaders, body: Buffer.concat(chunks) });
      response.end('ok');
    });
  });

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'sessionscope-curl-'));
    // Files that a command may be tricked into sending: its folder holds them under tempting names.
    for (const name of ['secret', 'hostname', '-', 'file;type=text', 'x']) {
      writeFileSync(path.join(folder, name), 'LOCAL FILE');
    }
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs the command in a shell and gives what the server got. */
  async function run(flow: Flow, body?: Uint8Array, shell = 'bash'): Promise<{ got: Received[]; notes: string[] }> {
    const { text, notes } = curlCommand(flow, body);
    received.length = 0;
    const script = path.join(folder, 'request.sh');
    writeFileSync(script, text);
    // `-q` and an empty home: no `.curlrc` of the machine takes part.
    await new Promise<void>((done) => {
      execFile(shell, [script], { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder } }, () => done());
    });
    return { got: [...received], notes };
  }
  const post = (body: Uint8Array, rawHeaders: readonly string[] = ['Content-Type', 'text/plain'], method = 'POST') =>
    recordedFlow(`${base}/in`, {
      method,
      rawHeaders: ['Host', base.slice(7), ...rawHeaders],
      body: { size: body.length, kept: body.length },
    });

  const BODIES: Readonly<Record<string, string | Buffer>> = {
    'the name of a file': '@/etc/hostname',
    'the name of a file beside': '@secret',
    'standard input': '@-',
    'a file to be encoded': '=@secret',
    'a form part of a file': 'file=@secret;type=text/plain',
    'a form part read from a file': 'file=<secret',
    'a leading dash': '--output x',
    'a pattern of addresses': '[1-3]{a,b}',
    'a quote and a substitution': `'"\`id\`$(id)$HOME!!\\`,
    'line breaks at both ends': '\n\na\r\nb\n\n',
    'a printf format': '%s%n%%\\n\\0041-x',
    'NUL bytes': Buffer.from([0, 64, 47, 0, 255, 0]),
    'every byte': Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
    'UTF-8 and direction marks': 'Zoë 日本 \u202e\u2066evil\u2069 \u2028',
    'bytes that are no UTF-8': Buffer.from('e9ff00fe', 'hex'),
    'a variable of curl': '{{HOME}}',
    'more than one argument may hold': Buffer.alloc(300_000, 'long % \\ \0 '),
    'more than curl sends without Expect': Buffer.alloc(1_200_000, 'a'),
  };
  for (const [what, body] of Object.entries(BODIES)) {
    it(`sends a body that is ${what} as data, byte for byte`, async () => {
      const bytes = Buffer.from(body);
      const { got } = await run(post(bytes), bytes);
      expect(got).toHaveLength(1);
      expect(got[0]?.body.equals(bytes)).toBe(true);
      expect(got[0]?.rawHeaders.map((one) => one.toLowerCase())).not.toContain('expect');
    });
  }

  it('needs no more than a plain sh for bodies of any bytes', async () => {
    for (const body of ['@secret', '\n\n', '\0\x01é', "it's\tso"]) {
      const bytes = Buffer.from(body);
      expect((await run(post(bytes), bytes, 'sh')).got[0]?.body.equals(bytes), JSON.stringify(body)).toBe(true);
    }
  });

  it('sends fields, methods and addresses as they were, and none that curl would act upon', async () => {
    const flow = recordedFlow(`${base}/a/../{b,c}/[1-3]?x=@secret&y='$(id)'&z=%00&q="a b"`, {
      method: '=PATCH',
      rawHeaders: [
        ...['Host', 'shop.test', 'Cookie', '@secret', 'Cookie', 'a="b;c"', 'X-Empty', '', 'X-Blank', '  '],
        ...['x-at', '@secret', 'X-Dash', '--next', '@secret', 'x', '@secret:', 'x', 'Name;', 'x', 'X Y', 'z'],
        ...['X-Break', 'a\r\nX-Injected: 1', 'X-Latin', 'caf\xe9', 'X-Utf', Buffer.from('日本').toString('latin1')],
      ],
    });
    const { got, notes } = await run({ ...flow, request: { ...flow.request, method: 'PATCH' } });
    expect(got).toHaveLength(1);
    expect(got[0]).toMatchObject({ method: 'PATCH', version: '1.1' });
    expect(got[0]?.target).toBe(`/a/../{b,c}/[1-3]?x=@secret&y='$(id)'&z=%00&q="a%20b"`);
    expect(got[0]?.rawHeaders).toEqual([
      ...['Host', 'shop.test', 'Cookie', '@secret', 'Cookie', 'a="b;c"', 'X-Empty', '', 'X-Blank', ''],
      ...['x-at', '@secret', 'X-Dash', '--next'],
      ...['X-Latin', 'caf\xe9', 'X-Utf', Buffer.from('日本').toString('latin1')],
    ]);
    expect(notes.join()).toMatch(/not valid HTTP.*percent escapes|percent escapes.*not valid HTTP/s);
    // A word that begins with `=` is expanded by zsh unless it is quoted.
    expect(curlCommand(flow, undefined).text).toContain(`--request '=PATCH'`);
  });

  it('keeps the methods that curl treats in its own way', async () => {
    const data = Buffer.from('@secret');
    expect((await run(post(data, [], 'GET'), data)).got[0]).toMatchObject({ method: 'GET', body: data });
    const head = await run(post(data, [], 'HEAD'), data);
    expect(head.got[0]).toMatchObject({ method: 'HEAD', body: Buffer.alloc(0) });
    expect(head.notes.join()).toMatch(/with HEAD/);
    const empty = await run(recordedFlow(`${base}/`, { method: 'PUT', rawHeaders: ['Content-Length', '0'] }));
    expect(empty.got[0]?.rawHeaders.join()).toMatch(/Content-Length,0/);
    expect((await run(recordedFlow(`${base}/`, { httpVersion: '1.0' }))).got[0]?.version).toBe('1.0');
  });

  it('sends what was recorded, whatever the bytes: 40 random requests', async () => {
    const word = fc.string({ unit: fc.constantFrom(...'@-{}[]$`\'"\\;=!%\n\r\0\xffa é'), maxLength: 20 });
    const value = fc.stringMatching(/^[\x21-\x7e\x80-\xff]([\x20-\x7e\x80-\xff]{0,20}[\x21-\x7e\x80-\xff])?$/);
    for (const [body, field] of fc.sample(fc.tuple(word, value), 40)) {
      const bytes = Buffer.from(body, 'latin1');
      const { got } = await run(post(bytes, ['X-Any', field]), bytes);
      expect(got[0]?.body.equals(bytes), JSON.stringify(body)).toBe(true);
      expect(got[0]?.rawHeaders[got[0].rawHeaders.indexOf('X-Any') + 1]).toBe(field);
    }
  });
});

it('no address but one over http becomes a command', () => {
  for (const url of ['file:///etc/passwd', 'ftp://a.test/', 'shop.test:443', '-o x', '@urls']) {
    const flow = recordedFlow('http://a.test/');
    expect(() => curlCommand({ ...flow, request: { ...flow.request, url } }, undefined)).toThrow(/http and https/);
  }
});
