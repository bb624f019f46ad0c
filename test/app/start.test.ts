import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

/* `npm start` as a newcomer runs it, where Electron is not to be had, and where web mode is asked for. */

const ROOT = path.resolve(import.meta.dirname, '../..');

describe('npm start', () => {
  const start = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const data = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-start-'));
    const child = spawn(
      process.execPath,
      [path.join(ROOT, 'scripts/start.ts'), ...args, '--port', '0', '--proxy-port', '0', '--data', data],
      { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
    );
    let out = '';
    let err = '';
    child.stderr.on('data', (chunk) => (err += chunk));
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    try {
      await new Promise<void>((ready, failed) => {
        child.once('exit', (code) => failed(new Error(`ended with ${code}: ${err}`)));
        child.stdout.on('data', (chunk) => {
          out += chunk;
          if (/^Proxy: /m.test(out)) ready();
        });
      });
      const address = /^Sessionscope: (\S+)$/m.exec(out)?.[1] ?? '';
      const page = await fetch(address);
      return { out, err, status: page.status, html: await page.text() };
    } finally {
      child.kill('SIGTERM');
      await ended;
      rmSync(data, { recursive: true, force: true });
    }
  };

  test('without Electron’s binary it says so in one line and goes on in web mode', async () => {
    const { err, status, html } = await start([], {
      ELECTRON_OVERRIDE_DIST_PATH: path.join(os.tmpdir(), 'no-electron-here'),
      // The download cannot succeed, whatever network this runs on.
      ELECTRON_MIRROR: 'http://127.0.0.1:9/',
      npm_config_electron_mirror: 'http://127.0.0.1:9/',
    });
    expect(err.trim().split('\n')).toEqual([
      "Electron's binary is missing and could not be downloaded: starting in web mode instead.",
    ]);
    expect(status).toBe(200);
    expect(html).toContain('<title>Sessionscope');
  });

  test('--web chooses web mode, without a word', async () => {
    const { err, status } = await start(['--web']);
    expect(err.trim()).toBe('');
    expect(status).toBe(200);
  });
});
