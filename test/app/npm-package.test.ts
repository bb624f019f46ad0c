import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageForNpm } from '../../scripts/package-npm.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'npm-package-'));
const user = path.join(folder, 'user');
const installed = path.join(user, 'node_modules/sessionscope');
let tarball: string;

/** The oldest Node that the package takes comes from npm, as the current one of the checkout does. */
const FLOOR = '22.14.0';
const nodes = { current: process.execPath, floor: path.join(folder, 'floor/node_modules/node/bin/node') };

beforeAll(async () => {
  tarball = await packageForNpm(folder, { windowIsBuilt: true });
  for (const one of [user, path.join(folder, 'floor')]) {
    mkdirSync(one);
    writeFileSync(path.join(one, 'package.json'), '{"type":"module","allowScripts":{"node":true}}');
  }
  const npm = (where: string, ...words: string[]) =>
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', ...words], { cwd: where });
  npm(path.join(folder, 'floor'), `node@${FLOOR}`);
  npm(user, tarball);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function command(node: string, ...words: string[]) {
  return spawnSync(node, [path.join(installed, 'bin/sessionscope.cjs'), ...words], { cwd: user, encoding: 'utf8' });
}

const EMPTY_HAR = '{"log":{"version":"1.2","creator":{"name":"test","version":"1"},"entries":[]}}';

const TUTORIAL = `
import * as web from 'sessionscope/webpy';

const urls = ['/count', 'count', '/reset', 'reset'];

class count {
  GET() {
    session.count += 1;
    return String(session.count);
  }
}

class reset {
  GET() {
    session.kill();
    return '';
  }
}

const app = web.application(urls, { count, reset });
const session = new web.Session(app, new web.DiskStore('sessions'), { count: 0 });
const server = await web.serve(app);
const first = await fetch(server.origin + '/count');
const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? '';
const second = await fetch(server.origin + '/count', { headers: { cookie } });
console.log(await first.text(), await second.text());
await server.close();
`;

const LIBRARIES = `
import { codec, webpy } from 'sessionscope';
import { decode, toPlain } from 'sessionscope/codec';
import { openSessionscope, sessionMatchers, type Sessionscope } from 'sessionscope/test';

const found = decode(Buffer.from('gASVCgAAAAAAAAB9lIwBYZRLAXMu'));
if (found.value !== null) console.log(found.layers.join('/'), JSON.stringify(toPlain(found.value)));
const scope: Sessionscope = await openSessionscope({});
console.log(typeof scope.proxy, Object.keys(sessionMatchers).length > 0, typeof webpy.Session, codec.decode === decode);
await scope.close();
`;

describe('the npm package', () => {
  it('is small, has commands, modules, types, window and notices, and neither tests nor maps', () => {
    expect(statSync(tarball).size).toBeLessThan(5_000_000);
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files).toEqual(
      expect.arrayContaining([
        'bin/sessionscope.cjs',
        'dist/webpy.js',
        'types/core/testing/index.d.ts',
        'window/index.html',
        'quickjs.wasm',
        'LICENSE',
        'THIRD-PARTY-NOTICES.txt',
        'sbom.cdx.json',
      ]),
    );
    expect(files.filter((file) => /\.map$|\.test\.|(^|\/)fixtures\/|(?<!\.d)\.ts$/.test(file))).toEqual([]);
    const parts = JSON.parse(readFileSync(path.join(installed, 'sbom.cdx.json'), 'utf8')).components;
    const notices = readFileSync(path.join(installed, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    const names: string[] = parts.map((part: { name: string }) => part.name);
    expect(names).toEqual(expect.arrayContaining(['commander', 'pg', 'mysql2', 'react', 'quickjs-wasi']));
    for (const { name, version } of parts) expect(notices).toContain(`${name} ${version} (`);
  });

  it.each(Object.entries(nodes))('runs its commands and the tutorial on Node (%s)', (name, node) => {
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    if (name === 'floor') expect(version).toBe(`v${FLOOR}`);
    const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    expect(command(node, '--version')).toMatchObject({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
    writeFileSync(path.join(user, 'value'), 'gASVCgAAAAAAAAB9lIwBYZRLAXMu');
    const decoded = command(node, 'decode', 'value');
    expect(decoded).toMatchObject({ status: 0, stderr: '' });
    expect(decoded.stdout).toContain('a: int 1');

    // A recording is read by a thread, which has a file of its own in the package.
    writeFileSync(path.join(user, 'empty.har'), EMPTY_HAR);
    expect(command(node, 'why', 'empty.har').stderr).toMatch(/^sessionscope: empty\.har holds no session\. .*\n$/);

    rmSync(path.join(user, 'sessions'), { recursive: true, force: true });
    writeFileSync(path.join(user, 'tutorial.mjs'), TUTORIAL);
    const ran = spawnSync(node, ['tutorial.mjs'], { cwd: user, encoding: 'utf8' });
    expect(ran).toMatchObject({ status: 0, stdout: '1 2\n', stderr: '' });
    const listed = command(node, 'sessions', 'ls', 'disk:./sessions', '--json');
    expect(listed).toMatchObject({ status: 0, stderr: '' });
    expect(listed.stdout).toContain('count');

    // A reader that goes: the status of shells, and no word of it.
    const line = '"$0" "$1" completion fish | head -1; echo "status $PIPESTATUS"';
    const bin = path.join(installed, 'bin/sessionscope.cjs');
    const piped = spawnSync('bash', ['-c', line, node, bin], { cwd: user, encoding: 'utf8' });
    expect(piped).toMatchObject({ stderr: '' });
    expect(piped.stdout).toMatch(/^# fish completion for sessionscope\nstatus (0|141)\n$/);

    writeFileSync(
      path.join(user, 'libraries.mjs'),
      LIBRARIES.replace(', type Sessionscope', '').replace(': Sessionscope', ''),
    );
    const libraries = spawnSync(node, ['libraries.mjs'], { cwd: user, encoding: 'utf8', timeout: 60_000 });
    expect(libraries).toMatchObject({
      status: 0,
      stdout: 'base64/pickle {"a":1}\nstring true function true\n',
      stderr: '',
    });
  });

  it('serves the window, by the name that npx runs', async () => {
    const data = path.join(folder, 'data');
    const bin = path.join(user, 'node_modules/.bin/sessionscope');
    const child = spawn(bin, ['serve', '--port', '0', '--proxy-port', '0', '--data', data], {
      env: { ...process.env, PATH: `${path.dirname(nodes.floor)}:${process.env['PATH']}` },
    });
    const ended = new Promise((done) => child.once('exit', done));
    try {
      const address = await new Promise<string>((done, fail) => {
        let text = '';
        child.stdout.on('data', (bytes) => {
          text += bytes;
          const found = /^Sessionscope: (\S+)$/m.exec(text)?.[1];
          if (found !== undefined) done(found);
        });
        child.once('exit', (code) => fail(new Error(`ended with ${code}: ${text}`)));
      });
      const page = await fetch(address);
      expect(page.status).toBe(200);
      const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(await page.text())?.[1];
      expect((await fetch(new URL(`/${script}`, address))).status).toBe(200);
    } finally {
      child.kill('SIGINT');
    }
    expect(await ended).toBe(0);
  });

  it('has types that pass strict checks of programs without skipLibCheck', () => {
    writeFileSync(path.join(user, 'tutorial.ts'), TUTORIAL);
    writeFileSync(path.join(user, 'libraries.ts'), LIBRARIES);
    const settings = {
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        module: 'nodenext',
        target: 'es2023',
        types: ['node'],
        noEmit: true,
        skipLibCheck: false,
      },
      files: ['tutorial.ts', 'libraries.ts'],
    };
    writeFileSync(path.join(user, 'tsconfig.json'), JSON.stringify(settings));
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    const run = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: user, encoding: 'utf8' });
    expect(run).toMatchObject({ status: 0, stdout: '' });
  });

  it('says on an older Node in one line what it needs', () => {
    const older = `Object.defineProperty(process.versions, 'node', { value: '20.19.0' }); require(${JSON.stringify(
      path.join(installed, 'bin/sessionscope.cjs'),
    )})`;
    expect(spawnSync(process.execPath, ['-e', older], { encoding: 'utf8' })).toMatchObject({
      status: 2,
      stdout: '',
      stderr: 'sessionscope: Node 20.19.0 is too old. Install Node 22.14 or newer.\n',
    });
  });
});
