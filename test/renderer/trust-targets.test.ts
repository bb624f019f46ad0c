import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createSecureServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../core/engine/engine.ts';
import {
  likelyTarget,
  TRUST_TARGETS,
  type TrustContext,
  type TrustId,
} from '../../renderer/src/parts/trust/trust-targets.ts';
import { needs } from '../support/needs.ts';
import { originCertificates } from '../support/proxy/test-certificates.ts';

/* The commands that the window gives out, run as a user would: each program then reaches a site through the proxy. */

let folder = '';
let engine: Engine;
let site: Server;
let url = '';
let context: TrustContext;
let asked = 0;

beforeAll(async () => {
  // A path with everything that a shell would take apart.
  folder = await mkdtemp(path.join(tmpdir(), "session's $HOME `scope` "));
  engine = await createEngine({ mode: 'web', version: '1', dataFolder: folder });
  const { key, cert, ca } = originCertificates();
  await engine.handlers['proxy.settings.set']({ tls: [{ host: 'localhost', verify: true, ca }] });
  site = createSecureServer({ key, cert }, (_, response) => {
    asked += 1;
    response.end('reached');
  });
  await once(site.listen(0, '127.0.0.1'), 'listening');
  url = `https://localhost:${(site.address() as AddressInfo).port}/`;
  const { certificate, proxy } = await engine.handlers['app.info']({});
  context = { file: certificate.file, proxy: `${proxy.host}:${proxy.port}` };
});

afterAll(async () => {
  await engine.close();
  site.close();
  await rm(folder, { recursive: true, force: true });
});

const commands = (id: TrustId, part: 'install' | 'use' | 'remove'): string[] => {
  const target = TRUST_TARGETS.find((one) => one.id === id);
  return [...(target?.[part]?.(context) ?? [])];
};

/** Runs lines in a shell of its own home; gives what it printed. */
async function shell(lines: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('sh', ['-e', '-c', lines.join('\n')], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder },
    timeout: 60_000,
  });
  return stdout;
}

const reached = async (lines: readonly string[]): Promise<string> => {
  const before = (await engine.handlers['flows.list']({ limit: 100, filter: 'localhost' })).total;
  const sites = asked;
  const text = await shell(lines);
  const after = (await engine.handlers['flows.list']({ limit: 100, filter: 'localhost' })).total;
  expect([asked - sites, after - before]).toEqual([1, 1]);
  return text;
};

describe('the help to install the certificate', () => {
  it('begins with what is likely, and has an id once only', () => {
    expect(['win32', 'darwin', 'linux', 'freebsd'].map(likelyTarget)).toEqual([
      'windows',
      'macos',
      'chromiumLinux',
      'chromiumLinux',
    ]);
    expect(new Set(TRUST_TARGETS.map(({ id }) => id)).size).toBe(TRUST_TARGETS.length);
  });

  it('quotes the path of the file in every command', () => {
    for (const { id } of TRUST_TARGETS) {
      if (id === 'windows') continue;
      for (const part of ['install', 'use', 'remove'] as const) {
        for (const line of commands(id, part)) {
          expect(line.replaceAll(`'${context.file.replaceAll("'", "'\\''")}'`, '')).not.toContain('scope` ');
        }
      }
    }
  });
});

needs('curl')('curl', () => {
  it('reaches the site as the help says', async () => {
    const [line = ''] = commands('curl', 'use');
    expect(await reached([line.replace('https://shop.test/', `-s ${url}`)])).toBe('reached');
  });
});

needs('python')('Python', () => {
  it('reaches the site as the help says, with urllib', async () => {
    const program = `import urllib.request as u; print(u.urlopen('${url}').read().decode(), end='')`;
    expect(await reached([...commands('python', 'use'), `/usr/bin/python3 -c "${program}"`])).toBe('reached');
  });
});

describe('Node.js', () => {
  it('reaches the site as the help says, with fetch', async () => {
    const program = `fetch('${url}').then((a) => a.text()).then((t) => process.stdout.write(t))`;
    expect(await reached([...commands('node', 'use'), `'${process.execPath}' -e "${program}"`])).toBe('reached');
  });
});

needs('wget')('wget', () => {
  it('reaches the site as the help says', async () => {
    const [variables = '', , line = ''] = commands('openssl', 'use');
    expect(await reached([variables, line.replace('https://shop.test/', `-q -O - ${url}`)])).toBe('reached');
  });
});

needs('certutil')('the database of Chromium on Linux', () => {
  it('takes the certificate and gives it up again', async () => {
    const list = 'certutil -d "sql:$HOME/.pki/nssdb" -L';
    expect(await shell([...commands('chromiumLinux', 'install'), list])).toMatch(/Sessionscope +C,,/);
    expect(await shell([...commands('chromiumLinux', 'remove'), list])).not.toContain('Sessionscope');
  });
});
