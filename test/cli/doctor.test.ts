import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { displayCheck, nodeCheck, proxyVariables } from '../../cli/run/doctor.ts';
import { sampleRecord } from '../contract/samples.ts';

const MAIN = path.resolve(import.meta.dirname, '../../cli/main.ts');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sessionscope-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(...words: string[]): Promise<{ status: number; out: string; err: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [MAIN, ...words], (error, out, err) => {
      done({ status: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

describe('doctor', () => {
  it('says what is there, what is not, and what to do', async () => {
    const taken = net.createServer();
    await new Promise<void>((ready) => taken.listen(0, '127.0.0.1', ready));
    const { port } = taken.address() as AddressInfo;
    const sessions = path.join(folder, 'sessions');
    mkdirSync(sessions);
    const id = 'ab'.repeat(20);
    writeFileSync(path.join(sessions, id), sampleRecord(id, 1));
    try {
      const { status, out } = await run(
        ...['doctor', '--json', '--data', path.join(folder, 'data'), '--proxy-port', String(port)],
        ...['--store', `disk:${sessions}`, '--store', `disk:${folder}/none`],
      );
      const { checks } = JSON.parse(out) as { checks: { id: string; state: string; found: string; remedy?: string }[] };
      const of = (wanted: string) => checks.filter((check) => check.id === wanted);
      expect(of('proxy-port')).toMatchObject([{ state: 'warn', found: expect.stringContaining(`Port ${port}`) }]);
      expect(of('node')).toMatchObject([{ state: 'ok' }]);
      expect(of('sqlite')).toMatchObject([{ state: 'ok' }]);
      expect(of('store')).toMatchObject([{ state: 'ok' }, { state: 'bad', remedy: expect.stringMatching(/./) }]);
      for (const { state, remedy } of checks) if (state !== 'ok') expect(remedy).toMatch(/./);
      // A store that cannot be reached is a "no".
      expect(status).toBe(1);
    } finally {
      taken.close();
    }
  });

  it('a data folder that is a file, a bad option, and a plain run', async () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    const bad = await run('doctor', '--data', path.join(file, 'data'));
    expect([bad.status, bad.out]).toEqual([
      1,
      expect.stringMatching(/FAIL .*is a file, not a folder\n {6}Make it writable/),
    ]);
    expect((await run('doctor', '--port', 'x')).status).toBe(2);
    expect((await run('doctor', '--data', path.join(folder, 'data'), '--proxy-port', '0', '--port', '0')).status).toBe(
      0,
    );
  });

  it.each([
    ['20.18.3', 'bad'],
    ['18.20.0', 'bad'],
    ['20.19.0', 'ok'],
    ['22.0.0', 'ok'],
    ['26.10.0', 'ok'],
  ])('Node %s is %s', (version, state) => {
    expect(nodeCheck(version).state).toBe(state);
  });

  it('knows displays, and variables that lead elsewhere', () => {
    expect(displayCheck('linux', {}).state).toBe('warn');
    expect(displayCheck('linux', { WAYLAND_DISPLAY: 'wayland-0' }).state).toBe('ok');
    expect(displayCheck('darwin', {}).state).toBe('ok');
    expect(proxyVariables({ HTTP_PROXY: '' })).toEqual([]);
    expect(proxyVariables({ https_proxy: 'http://proxy:3128' })[0]?.remedy).toContain('Set NO_PROXY');
    expect(proxyVariables({ https_proxy: 'http://proxy:3128', NO_PROXY: 'localhost' })[0]?.remedy).toContain('leaves');
  });
});
