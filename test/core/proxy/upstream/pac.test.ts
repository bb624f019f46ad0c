import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { createPac, type PacOptions, type PacResolver } from '../../../../core/proxy/upstream/pac.ts';

const open: PacResolver[] = [];
afterEach(() => {
  for (const resolve of open.splice(0)) resolve.close();
});

async function pac(body: string, options: PacOptions = {}): Promise<(host: string) => ReturnType<PacResolver>> {
  const resolve = await createPac(`function FindProxyForURL(url, host) { ${body} }`, { timeLimit: 400, ...options });
  open.push(resolve);
  return (host) => resolve(`http://${host}/`, host);
}

const HOSTILE: Readonly<Record<string, string>> = {
  'an endless loop': 'for (;;);',
  'a loop that catches what stops it': 'for (;;) { try { for (;;); } catch (e) {} }',
  'a promise that never settles': 'return new Promise(function () {});',
  'endless microtasks': 'function again() { return Promise.resolve().then(again); } return again();',
  'an allocation bomb': 'var a = []; for (;;) a.push(new Array(100000).fill(a.length));',
  'a growing text': 'var t = "x"; for (;;) t += t;',
  'endless recursion': 'function f() { return f() + 1; } return f();',
  'a regular expression that never ends':
    'return /^(a+)+$/.test("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!") ? "DIRECT" : "DIRECT";',
  'what it throws': 'throw { toString: function () { throw 1; } };',
};

describe.each(Object.entries(HOSTILE))('%s', (_name, code) => {
  it('is an error of that request alone; the others are answered, and nothing here waits', async () => {
    const ask = await pac(`if (host === "bad.test") { ${code} } return "PROXY " + host + ":8080";`);
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 5);
    const [before, bad, behind] = await Promise.allSettled([ask('a.test'), ask('bad.test'), ask('b.test')]);
    clearInterval(counting);
    expect(before).toMatchObject({ status: 'fulfilled', value: [{ kind: 'http', host: 'a.test', port: 8080 }] });
    expect(behind).toMatchObject({ status: 'fulfilled', value: [{ host: 'b.test' }] });
    if (bad.status === 'rejected') {
      expect(bad.reason).toMatchObject({ problem: { kind: 'bad-pac' } });
      expect(String(bad.reason)).toContain('bad.test');
    } else {
      // The engine has a way of its own with deep recursion and such patterns; never a wrong answer.
      expect(bad.value).toEqual([{ kind: 'direct' }]);
    }
    await expect(ask('c.test')).resolves.toMatchObject([{ host: 'c.test' }]);
    expect(turns).toBeGreaterThan(0);
  });
});

it('a thread that dies takes only its own question with it', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pac-'));
  try {
    const file = path.join(folder, 'worker.mjs');
    const real = new URL('../../../../core/proxy/upstream/pac-worker.ts', import.meta.url).href;
    writeFileSync(
      file,
      `import { parentPort } from 'node:worker_threads';
       await import(${JSON.stringify(real)});
       parentPort.on('message', ({ host }) => { if (host === 'die.test') setTimeout(() => process.exit(9), 20); });`,
    );
    const ask = await pac('if (host === "die.test") return new Promise(function () {}); return "DIRECT";', {
      workerUrl: pathToFileURL(file),
    });
    await expect(ask('die.test')).rejects.toThrow(/its thread ended/);
    await expect(ask('b.test')).resolves.toEqual([{ kind: 'direct' }]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('a script that loops when it is read is refused', async () => {
  await expect(createPac('for (;;);', { timeLimit: 200 })).rejects.toMatchObject({ problem: { kind: 'bad-pac' } });
  await expect(createPac('no script')).rejects.toThrow(/cannot be used/);
});
