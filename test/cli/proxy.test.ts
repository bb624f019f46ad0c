import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tlsTunnel } from '../support/proxy/raw-client.ts';
import { originCertificates } from '../support/proxy/test-certificates.ts';

const runner = fileURLToPath(new URL('../support/run-proxy-command.ts', import.meta.url));
const HEX = '0123456789abcdef0123456789abcdef01234567';
let origin: Server;
let folder: string;
let command: ChildProcess | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sessionscope-cli-proxy-'));
  origin = createServer((_, res) => res.setHeader('Set-Cookie', `webpy_session_id=${HEX}; HttpOnly`).end('hello'));
  await once(origin.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  origin.closeAllConnections();
  origin.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  command?.kill('SIGKILL');
  command = undefined;
});

/** Runs the command; `until` resolves with the first line, on either output, that matches. */
function start(...words: string[]) {
  return startIn({}, ...words);
}

/** The same, with variables of the environment beside ours. */
function startIn(
  env: Record<string, string>,
  ...words: string[]
): {
  until(pattern: RegExp): Promise<RegExpExecArray>;
  stop(): Promise<{ code: number; out: string }>;
} {
  const child = spawn(process.execPath, [runner, '--port', '0', '--data', folder, ...words], {
    env: { ...process.env, ...env },
  });
  command = child;
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (stream === child.stdout) out += `${line}\n`;
      for (const look of waiting) look();
    });
  }
  return {
    until: (pattern) =>
      new Promise((resolve) => {
        const look = () => {
          const found = lines.map((line) => pattern.exec(line)).find((match) => match !== null);
          if (found) {
            waiting.delete(look);
            resolve(found);
          }
        };
        waiting.add(look);
        look();
      }),
    async stop() {
      child.kill('SIGINT');
      const [code] = await once(child, 'close');
      return { code: code as number, out };
    },
  };
}

async function askThrough(port: number, path: string): Promise<void> {
  const { port: to } = origin.address() as AddressInfo;
  const outgoing = request({
    port,
    path: `http://127.0.0.1:${to}${path}`,
    headers: { Authorization: 'Bearer geheim-geheim-1' },
    agent: false,
  });
  outgoing.end();
  const [answer] = await once(outgoing, 'response');
  answer.resume();
  await once(answer, 'end');
}

describe('sessionscope proxy', () => {
  it('prints flows and the sessions it finds, and writes a HAR without secrets', async () => {
    const har = join(folder, 'out.har');
    const run = start('--har', har);
    const port = Number((await run.until(/^Proxy: 127\.0\.0\.1:(\d+)$/))[1]);
    await askThrough(port, '/one?password=geheim');
    await run.until(/^200 GET http:\/\/127\.0\.0\.1:\d+\/one\?password=\[masked\] {2}5 B/);
    expect((await run.until(/^session .*$/))[0]).toMatch(/cookie:webpy_session_id 0123…67 {2}score \d+: .*web\.py/);
    const { code, out } = await run.stop();
    expect(code).toBe(0);
    expect(out).toContain('1 flows, ');
    const text = readFileSync(har, 'utf8');
    expect(JSON.parse(text).log.creator).toEqual({ name: 'Sessionscope', version: '1.2.3' });
    expect(JSON.parse(text).log.entries).toMatchObject([{ response: { status: 200, content: { text: 'hello' } } }]);
    expect(text + out).not.toMatch(new RegExp(`geheim|${HEX}`));
    expect(existsSync(`${har}.partial`)).toBe(false);
  });

  it('says at once when the HAR cannot be written', async () => {
    const run = start('--har', join(folder, 'no', 'such', 'folder.har'));
    const failed = run.until(/The HAR file cannot be written.*/);
    await once(command as ChildProcess, 'close');
    expect((await failed)[0]).toContain('there is no such folder');
  });

  it('prints one JSON document with secrets when they are asked for', async () => {
    const run = start('--json', '--with-secrets');
    const port = Number((await run.until(/^Proxy: 127\.0\.0\.1:(\d+)$/))[1]);
    await askThrough(port, '/two');
    await run.until(/^200 GET/);
    const { out } = await run.stop();
    const found = JSON.parse(out) as { flows: number; sessions: { carrier: string; id: string; score: number }[] };
    expect(found.flows).toBe(1);
    expect(found.sessions).toEqual(
      expect.arrayContaining([expect.objectContaining({ carrier: 'cookie:webpy_session_id', id: HEX })]),
    );
  });

  describe('trusts an application', () => {
    const { key, cert, ca } = originCertificates();
    const secure = createSecure({ key, cert }, (_request, response) => response.end('secure'));
    beforeAll(async () => {
      await once(secure.listen(0, '127.0.0.1'), 'listening');
      writeFileSync(join(folder, 'ca.pem'), ca);
    });
    afterAll(() => secure.close());

    /** What the application behind TLS is recorded to have answered. */
    async function status(...words: string[]): Promise<string> {
      const run = start(...words);
      const port = Number((await run.until(/^Proxy: 127\.0\.0\.1:(\d+)$/))[1]);
      const to = (secure.address() as AddressInfo).port;
      const socket = await tlsTunnel({ host: '127.0.0.1', port }, { host: '127.0.0.1', port: to });
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      const [line = ''] = await run.until(/^(?:\d{3}|---) GET https:.*$/);
      socket.destroy();
      await run.stop();
      return line;
    }

    it('by the authority in a file, or whatever its certificate', async () => {
      expect(await status()).toMatch(/^--- GET .*certificate/);
      expect(await status('--ca', join(folder, 'ca.pem'))).toMatch(/^200 /);
      expect(await status('--insecure-host', '127.0.0.1')).toMatch(/^200 /);
      expect(await status('--insecure-host', `127.0.0.1:${(secure.address() as AddressInfo).port}`)).toMatch(/^200 /);
      expect(await status('--insecure-host', 'other.test')).toMatch(/^--- GET .*certificate/);
    });
  });

  it.each([
    [['--upstream', 'foo'], /foo is no address of a proxy/],
    [['--upstream', 'ftp://foo:21'], /is no address of a proxy/],
    [['--ca', '/nowhere/ca.pem'], /ca\.pem cannot be read: there is no such file/],
    [['--ca', runner], /holds no certificate in PEM/],
    [['--insecure-host', 'a b'], /a b is no host/],
    [['--insecure-host', 'https://shop.test/'], /is no host/],
  ])('refuses %j', async (words, message) => {
    const run = start(...words);
    expect((await run.until(message))[0]).not.toBe('');
    const [code] = await once(command as ChildProcess, 'close');
    expect(code).not.toBe(0);
  });

  describe('with a proxy in the environment', () => {
    const corporate = createServer((asked, response) => response.end(`corporate ${asked.url}`));
    let address = '';
    beforeAll(async () => {
      await once(corporate.listen(0, '127.0.0.1'), 'listening');
      address = `http://user:geheim@127.0.0.1:${(corporate.address() as AddressInfo).port}`;
    });
    afterAll(() => corporate.close());
    const none = {
      http_proxy: '',
      https_proxy: '',
      all_proxy: '',
      no_proxy: '',
      NO_PROXY: '',
      HTTPS_PROXY: '',
      ALL_PROXY: '',
    };

    /** The answer to a request for a host that only the corporate proxy can reach. */
    async function ask(run: ReturnType<typeof start>): Promise<string> {
      const port = Number((await run.until(/^Proxy: 127\.0\.0\.1:(\d+)$/))[1]);
      const outgoing = request({ port, path: 'http://app.invalid/x', agent: false }).end();
      const [answer] = await once(outgoing, 'response');
      let text = '';
      for await (const chunk of answer) text += chunk;
      return text;
    }

    it('leaves through it, and says so without its password', async () => {
      const run = startIn({ ...none, HTTP_PROXY: address, NO_PROXY: 'intern.test' });
      expect(await ask(run)).toBe('corporate http://app.invalid/x');
      const [line = ''] = await run.until(/^Requests leave through .*/);
      expect(line).toBe(
        `Requests leave through http://127.0.0.1:${(corporate.address() as AddressInfo).port} (HTTP_PROXY); straight to intern.test (NO_PROXY)`,
      );
      const { out } = await run.stop();
      expect(out).not.toContain('geheim');
    });

    it('goes straight where NO_PROXY or --upstream say so', async () => {
      const named = startIn({ ...none, HTTP_PROXY: address, NO_PROXY: '.invalid' });
      expect(await ask(named)).toMatch(/^Sessionscope: Cannot connect to app\.invalid/);
      await named.stop();
      const direct = startIn({ ...none, HTTP_PROXY: address }, '--upstream', 'direct');
      expect(await ask(direct)).toMatch(/^Sessionscope: Cannot connect to app\.invalid/);
      await direct.stop();
    });
  });
});
