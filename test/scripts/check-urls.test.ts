import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { unguardedUrls } from '../../scripts/check-urls.ts';

test('addresses from outside are parsed in one place', () => {
  expect(unguardedUrls()).toEqual([]);
});

test('a parser that throws is found, in comments it is not', () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-urls-'));
  const put = (file: string, code: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), code);
  };
  try {
    for (const top of ['core', 'cli', 'electron', 'renderer']) mkdirSync(path.join(root, top), { recursive: true });
    put('core/model/web-address.ts', 'export const a = (text: string) => new URL(text);\n');
    put('core/a.ts', "// new URL(x)\nconst own = new URL('./a.ts', import.meta.url);\n");
    put('core/b.ts', "const at = 'http://a/'; const b = new URL(text);\n");
    put('cli/c.ts', '/* a\n */\nif (URL.canParse(text)) go();\n');
    put('electron/d.ts', 'const d = decodeURIComponent(text);\n');
    put('renderer/e.tsx', 'try {\n  e = decodeURIComponent(text);\n} catch {}\n');
    expect(unguardedUrls(root).map((line) => line.split(' ')[0])).toEqual([
      'core/b.ts:1:',
      'cli/c.ts:3:',
      'electron/d.ts:1:',
    ]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
