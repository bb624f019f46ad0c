import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packagesInside } from '../../scripts/make/notices.ts';
import { packageApp } from '../../scripts/make/package-app.ts';
import type { PackagedApp } from '../../scripts/make/target.ts';
import { chosen, type Made, makeTarget } from '../../scripts/make.ts';
import { needs } from '../support/needs.ts';

/*
 * The installers as their users get them: made, installed, run as an ordinary user with Chromium's sandbox on, and taken
 * away again.
 */

const APP = '/usr/lib/sessionscope';
const USER = 'sessionscope-test';

needs(
  'chromium',
  'xvfb',
  'root',
  'dpkg',
  'rpm',
)('installers for Linux', () => {
  let work: string;
  let app: PackagedApp;
  let deb: Made;
  let rpm: Made;

  beforeAll(async () => {
    work = mkdtempSync(path.join(tmpdir(), 'installers-'));
    chmodSync(work, 0o755);
    app = await packageApp(path.join(work, 'made'), true);
    const [debTarget, rpmTarget] = chosen(['deb', 'rpm']);
    if (debTarget === undefined || rpmTarget === undefined) throw new Error('no targets');
    deb = await makeTarget(debTarget, app);
    rpm = await makeTarget(rpmTarget, app);
    spawnSync('userdel', ['-r', USER]);
    execFileSync('useradd', ['-m', USER]);
  }, 400_000);
  afterAll(() => {
    spawnSync('apt-get', ['purge', '-y', '-qq', 'sessionscope']);
    spawnSync('pkill', ['-KILL', '-u', USER]);
    spawnSync('userdel', ['-r', USER]);
    rmSync(work, { recursive: true, force: true });
  });

  const asUser = (...words: string[]) =>
    spawnSync('/usr/sbin/runuser', ['-u', USER, '--', ...words], {
      encoding: 'utf8',
      cwd: `/home/${USER}`,
      env: { PATH: '/usr/bin:/bin', HOME: `/home/${USER}`, LANG: 'C.UTF-8' },
    });

  it('the program takes no other code: its fuses, read from the file', async () => {
    const wire = await getCurrentFuseWire(path.join(app.folder, 'sessionscope'));
    const on = (fuse: FuseV1Options) => wire[fuse] === FuseState.ENABLE;
    expect({
      runAsNode: on(FuseV1Options.RunAsNode),
      nodeOptions: on(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
      inspect: on(FuseV1Options.EnableNodeCliInspectArguments),
      onlyAsar: on(FuseV1Options.OnlyLoadAppFromAsar),
      asarIntegrity: on(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
      cookiesEncrypted: on(FuseV1Options.EnableCookieEncryption),
      fileProtocol: on(FuseV1Options.GrantFileProtocolExtraPrivileges),
    }).toEqual({
      runAsNode: false,
      nodeOptions: false,
      inspect: false,
      onlyAsar: true,
      asarIntegrity: true,
      cookiesEncrypted: true,
      fileProtocol: false,
    });
  });

  it('it brings licences and a list of all that is inside, and no source maps', () => {
    const resources = path.join(app.folder, 'resources');
    const notices = readFileSync(path.join(resources, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    const parts = JSON.parse(readFileSync(path.join(resources, 'sbom.cdx.json'), 'utf8')) as {
      components: { name: string }[];
    };
    expect(parts.components.map(({ name }) => name)).toEqual(packagesInside());
    for (const name of packagesInside()) expect(notices).toMatch(new RegExp(`^${name} \\d+\\.`, 'm'));
    // What really lies in the bundle of the window's program: each package names itself in what it brings.
    const asar = readFileSync(path.join(resources, 'app.asar')).toString('latin1');
    expect(asar).not.toMatch(/"[^"]+\.map":\{"size"/);
    expect(
      readdirSync(path.resolve(import.meta.dirname, '../../out/maps'), { recursive: true }).length,
    ).toBeGreaterThan(5);
  });

  it('the rpm holds what the deb holds', () => {
    expect(rpm.failed ?? rpm.lacks).toBeUndefined();
    const listed = execFileSync('rpm', ['-qlp', '--nosignature', rpm.file ?? ''], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .filter(
        (name) =>
          !name.startsWith(`${APP}/`) || /sessionscope\/(sessionscope|resources\/cli\/(node|bin\/.*))$/.test(name),
      );
    for (const name of [
      '/usr/bin/sessionscope',
      `${APP}/sessionscope`,
      `${APP}/resources/cli/node`,
      `${APP}/resources/cli/bin/sessionscope`,
      '/usr/share/applications/sessionscope.desktop',
      '/usr/share/icons/hicolor/256x256/apps/sessionscope.png',
      '/usr/share/man/man1/sessionscope.1.gz',
      '/usr/share/bash-completion/completions/sessionscope',
      '/usr/share/doc/sessionscope/copyright',
    ]) {
      expect(listed).toContain(name);
    }
    const modes = execFileSync('rpm', ['-qplv', '--nosignature', rpm.file ?? ''], { encoding: 'utf8' });
    expect(modes).toMatch(new RegExp(`^-rwsr-xr-x .*root +root .*${APP}/chrome-sandbox$`, 'm'));
    const scripts = execFileSync('rpm', ['-qp', '--scripts', '--nosignature', rpm.file ?? ''], { encoding: 'utf8' });
    expect(scripts.trim()).toBe('');
  });

  it('the deb is installed, its commands need no display, and say nothing but what was asked', () => {
    expect(deb.failed ?? deb.lacks).toBeUndefined();
    const install = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', deb.file ?? ''], {
      encoding: 'utf8',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    expect(install.status, install.stderr).toBe(0);
    expect(statSync(`${APP}/chrome-sandbox`).mode & 0o7777).toBe(0o4755);
    const { version } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8')) as {
      version: string;
    };
    expect(asUser('sessionscope', '--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
    const help = asUser('sessionscope', '--help');
    expect([help.status, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toMatch(/^Usage: sessionscope/);
    const decoded = asUser('sh', '-c', String.raw`printf '\200\004K\001.' | sessionscope decode -`);
    expect([decoded.status, decoded.stderr]).toEqual([0, '']);
    expect(decoded.stdout).toMatch(/^int 1$/m);
    const cut = asUser('bash', '-c', 'sessionscope --help | head -1');
    expect([cut.stdout.split('\n')[0], cut.stderr]).toEqual(['Usage: sessionscope [options] [command]', '']);
    const wrong = asUser('sessionscope', 'decode', '/nowhere');
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toMatch(/nowhere/);
  });

  it('the window opens as an ordinary user with the sandbox on, and the main job is done in it', async () => {
    const data = path.join(work, 'data');
    mkdirSync(data);
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, USER], { encoding: 'utf8' })));
    chownSync(data, uid ?? 0, gid ?? 0);
    const environment = {
      PATH: '/usr/bin:/bin',
      HOME: `/home/${USER}`,
      LANG: 'en_US.UTF-8',
      DISPLAY: process.env['DISPLAY'] ?? '',
      SESSIONSCOPE_BROWSER_ARGS: '--remote-debugging-port=0 --disable-gpu',
    };
    const child: ChildProcess = spawn(
      '/usr/sbin/runuser',
      [
        '-u',
        USER,
        '--',
        `${APP}/sessionscope`,
        `--user-data-dir=${data}`,
        '--remote-debugging-port=0',
        '--proxy-port=0',
        '--disable-gpu',
      ],
      { env: environment, stdio: 'ignore' },
    );
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    const browsers: Browser[] = [];
    const pageOf = async (portFile: () => string, url: (found: string) => boolean): Promise<Page> => {
      await expect.poll(() => portFile(), { timeout: 60_000 }).toMatch(/^\d+\n/);
      const [port, address] = portFile().split('\n');
      const opened = await chromium.connectOverCDP(`ws://127.0.0.1:${port}${address}`);
      browsers.push(opened);
      const shown = () =>
        opened
          .contexts()
          .flatMap((one) => one.pages())
          .find((one) => url(one.url()));
      await expect.poll(() => shown() !== undefined, { timeout: 30_000 }).toBe(true);
      return shown() as Page;
    };
    const text = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
    try {
      const page = await pageOf(
        () => text(path.join(data, 'DevToolsActivePort')),
        (url) => url.startsWith('app:'),
      );
      // The kernel's own word on the process that runs the page: filtered system calls, and no new rights.
      const renderers = readdirSync('/proc').filter(
        (pid) =>
          text(`/proc/${pid}/cmdline`).includes('--type=renderer') && text(`/proc/${pid}/cmdline`).startsWith(APP),
      );
      expect(renderers.length).toBeGreaterThan(0);
      for (const pid of renderers) {
        expect(text(`/proc/${pid}/status`)).toMatch(/^Seccomp:\s2$/m);
        expect(text(`/proc/${pid}/cmdline`)).not.toContain('no-sandbox');
      }
      await page.getByTestId('home-try').click({ timeout: 30_000 });
      await page
        .locator('[data-testid="session-row"][data-active="true"]')
        .waitFor({ timeout: 100_000 })
        .catch(async (error: unknown) => {
          // What stood in the window says more than a limit that passed.
          throw new Error(`no session; the window shows: ${(await page.innerText('body')).slice(0, 800)}`, {
            cause: error,
          });
        });
      const profiles = path.join(data, 'profiles');
      const site = await pageOf(
        () =>
          text(path.join(profiles, (existsSync(profiles) ? readdirSync(profiles) : [])[0] ?? '', 'DevToolsActivePort')),
        (url) => url.startsWith('http://127.0.0.1'),
      );
      await site.getByRole('button', { name: 'Count' }).click();
      await page.getByTestId('node-count').filter({ hasText: /^1$/ }).waitFor();
      await page.getByTestId('node-count').click();
      await page.keyboard.press('F2');
      await page.getByTestId('node-input').fill('41');
      await page.keyboard.press('Enter');
      await page.getByTestId('edit-apply').click();
      await page.getByTestId('node-count').filter({ hasText: /^41$/ }).waitFor();
      await site.goto(`${new URL(site.url()).origin}/count`);
      expect(await site.innerText('body')).toBe('42');
    } finally {
      for (const one of browsers) await one.close().catch(() => {});
      spawnSync('pkill', ['-TERM', '-u', USER]);
      await ended;
    }
  }, 240_000);

  it('nothing is left when it is taken away', () => {
    const files = execFileSync('dpkg', ['-L', 'sessionscope'], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .filter((name) => name.includes('sessionscope'));
    expect(files.length).toBeGreaterThan(50);
    expect(spawnSync('apt-get', ['purge', '-y', '-qq', 'sessionscope']).status).toBe(0);
    expect(files.filter((name) => existsSync(name))).toEqual([]);
  });
});
