import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { openVisitor } from '../support/visitor.ts';

/* Web mode in a real browser: the practice site as a newcomer meets it, and what a stranger is refused. */

const ROOT = path.resolve(import.meta.dirname, '../..');

needs('chromium')('web mode', () => {
  let data: string;
  let server: ChildProcess;
  let address: URL;
  let proxy: string;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    data = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-web-'));
    server = spawn(
      process.execPath,
      [path.join(ROOT, 'cli/main.ts'), 'serve', '--port', '0', '--proxy-port', '0', '--data', data],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    server.stderr?.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().split('\n')) {
        // The visitor's Chromium asks its maker's hosts now and then, and does not trust our authority there.
        if (line.trim() !== '' && !/broke off TLS for \S+\.google/.test(line)) problems.push(`stderr: ${line}`);
      }
    });
    let printed = '';
    await new Promise<void>((ready, failed) => {
      server.once('exit', (code) => failed(new Error(`web mode ended with ${code}: ${problems.join('')}`)));
      server.stdout?.on('data', (chunk) => {
        printed += chunk;
        if (/^Proxy: .*\n/m.test(printed)) ready();
      });
    });
    address = new URL(/^Sessionscope: (\S+)$/m.exec(printed)?.[1] ?? '');
    proxy = `http://${/^Proxy: (\S+)$/m.exec(printed)?.[1]}`;
    browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-background-networking'],
    });
    page = await browser.newPage();
    page.on('pageerror', (error) => problems.push(`page: ${error.message}`));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`);
    });
  });

  afterAll(async () => {
    await browser?.close();
    if (server !== undefined && server.exitCode === null) {
      const ended = new Promise((done) => server.once('exit', done));
      server.kill('SIGTERM');
      await ended;
    }
    rmSync(data, { recursive: true, force: true });
  });

  /** A request with headers as a stranger would send them (a browser would not let a page set Host). */
  const ask = (headers: http.OutgoingHttpHeaders, method = 'POST', target = '/api/app.info') =>
    new Promise<number>((done, failed) => {
      const request = http.request(
        {
          host: '127.0.0.1',
          port: address.port,
          path: target,
          method,
          headers,
          setHost: headers['host'] === undefined,
        },
        (response) => {
          response.resume();
          done(response.statusCode ?? 0);
        },
      );
      request.on('error', failed);
      request.end(method === 'POST' ? '{}' : undefined);
    });
  const token = () => new URLSearchParams(address.hash.slice(1)).get('token') ?? '';
  const json = { 'content-type': 'application/json' };

  test('the token is required; a foreign Host or Origin is refused', async () => {
    expect(token().length).toBeGreaterThanOrEqual(32);
    const mine = { ...json, 'x-sessionscope-token': token() };
    expect(await ask(mine)).toBe(200);
    expect(await ask(json)).toBe(401);
    expect(await ask({ ...json, 'x-sessionscope-token': 'x'.repeat(token().length) })).toBe(401);
    expect(await ask({ ...mine, host: 'attacker.test' })).toBe(403);
    expect(await ask({ ...mine, host: `attacker.test:${address.port}` })).toBe(403);
    expect(await ask({ ...mine, origin: 'http://attacker.test' })).toBe(403);
    expect(await ask({ ...mine, origin: 'null' })).toBe(403);
    expect(await ask({ ...mine, origin: address.origin })).toBe(200);
    expect(await ask({ ...mine, 'content-type': 'text/plain' })).toBe(415);
    expect(await ask({ 'x-sessionscope-token': token(), host: 'attacker.test' }, 'GET', '/')).toBe(403);
    expect(await ask({}, 'GET', '/api/events')).toBe(401);
    expect(await ask({}, 'GET', '/../../package.json')).toBe(404);
    expect(await ask({}, 'GET', '/%2e%2e/%2e%2e/package.json')).toBe(404);
  });

  test('without the token the page says what is wrong', async () => {
    await page.goto(address.origin);
    await expect.poll(() => page.locator('body').innerText()).toMatch(/token/i);
    problems.length = 0;
  });

  test('the practice site: a live session within a minute', async () => {
    await page.goto('about:blank');
    await page.goto(address.href);
    await page.getByTestId('home-practice-disk').click();
    await expect.poll(() => practiceOrigin(address.origin, token())).toBeDefined();
    const origin = (await practiceOrigin(address.origin, token())) ?? '';
    const visitor = await openVisitor(proxy);
    try {
      expect(await visitor.text(`${origin}/count`)).toBe('1');
      expect(await visitor.text(`${origin}/count`)).toBe('2');
      const id = await visitor.cookie('webpy_session_id', origin);
      const row = page.locator(`[data-testid="session-row"][data-session-id="${id}"]`);
      await page.getByTestId('nav-sessions').click();
      await row.click();
      await expect.poll(() => page.getByTestId('node-count').innerText()).toContain('2');
      expect(await visitor.text(`${origin}/reset`)).toBe('');
      await expect.poll(() => row.getAttribute('data-state')).toBe('ended');
    } finally {
      await visitor.close();
    }
    expect(problems).toEqual([]);
  });
});

async function practiceOrigin(base: string, token: string): Promise<string | undefined> {
  const reply = await fetch(`${base}/api/practice.info`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-sessionscope-token': token },
    body: '{}',
  });
  return ((await reply.json()) as { value: { practice: { origin: string } | null } }).value.practice?.origin;
}
