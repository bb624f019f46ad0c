import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findBrowsers } from '../../../core/browser/find-browsers.ts';
import { launchBrowser } from '../../../core/browser/launch-browser.ts';
import { needs } from '../../support/needs.ts';
import { type RecordedProxy, startRecordedProxy } from '../../support/recorded-proxy.ts';

/* A browser that was opened from here and is left alone: nothing but its page is ever asked for, by the proxy or past it. */

const IDLE_MS = 15_000;
const asked: string[] = [];
let root: string;
let proxy: RecordedProxy;
let site: Server;
let page = '';

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'sessionscope-idle-'));
  proxy = await startRecordedProxy({
    before: [
      {
        name: 'everything',
        request: ({ request }) => void asked.push(`${request.method} ${request.url}`),
        tunnel: ({ request }) => void asked.push(`tunnel ${request.url}`),
        clientTlsError: ({ host }) => void asked.push(`TLS ${host}`),
      },
    ],
  });
  site = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><link rel="icon" href="data:,"><title>page</title><p>left alone');
  });
  await once(site.listen(0, '127.0.0.1'), 'listening');
  page = `http://localhost:${(site.address() as AddressInfo).port}/`;
});

afterAll(async () => {
  site.closeAllConnections();
  site.close();
  await proxy.close();
  rmSync(root, { recursive: true, force: true });
});

/** Where the processes of a browser are connected to: `hex address:port` as proc(5) has it. */
function connectionsOf(profile: string): string[] {
  const inodes = new Set<string>();
  const tables = new Set<string>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(profile)) continue;
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
        if (inode !== undefined) inodes.add(inode);
      }
      for (const kind of ['tcp', 'tcp6', 'udp', 'udp6']) tables.add(readFileSync(`/proc/${pid}/net/${kind}`, 'utf8'));
    } catch {
      // It ended while it was looked at.
    }
  }
  return [...tables]
    .flatMap((table) => table.split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => inodes.has(fields[9] ?? ''))
    .map((fields) => fields[2] ?? '')
    .filter((remote) => !/^0+:0000$/.test(remote));
}

/** 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104. */
const LOOPBACK = /^([0-9A-F]{6}7F:|0{24}01000000:|0{16}FFFF0000[0-9A-F]{6}7F:)/;

async function leftAlone(family: 'chromium' | 'firefox'): Promise<void> {
  const found = findBrowsers().find((one) => one.family === family);
  if (found === undefined) throw new Error(`there is no ${family} here`);
  asked.length = 0;
  const browser = await launchBrowser(found, {
    proxyPort: proxy.proxy.port,
    spki: proxy.authority.spkiHash,
    caPem: proxy.authority.pem,
    profileDir: root,
    startUrl: page,
    headless: true,
    extraArgs: family === 'chromium' ? ['--disable-gpu'] : [],
  });
  try {
    await proxy.flow(({ request }) => request.url === page);
    const connected = new Set<string>();
    const end = performance.now() + IDLE_MS;
    while (performance.now() < end) {
      for (const remote of connectionsOf(browser.profile)) connected.add(remote);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(asked).toEqual([`GET ${page}`]);
    // The connection to the proxy is seen, so others would have been.
    const port = `:${proxy.proxy.port.toString(16).toUpperCase().padStart(4, '0')}`;
    expect([...connected].filter((remote) => remote.endsWith(port))).not.toEqual([]);
    expect([...connected].filter((remote) => !LOOPBACK.test(remote))).toEqual([]);
  } finally {
    await browser.close();
  }
}

needs('chromium')('a launched Chromium that is left alone', () => {
  it('asks for nothing but its page', () => leftAlone('chromium'));
});

needs('firefox')('a launched Firefox that is left alone', () => {
  it('asks for nothing but its page', () => leftAlone('firefox'));
});
