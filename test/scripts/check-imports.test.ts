import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { wrongImports } from '../../scripts/check-imports.ts';

test('no import goes against the directions of the layout', () => {
  expect(wrongImports()).toEqual([]);
});

test('an import against the directions is found, whatever its form', () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-imports-'));
  const put = (file: string, code: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), code);
  };
  try {
    for (const top of ['core', 'cli', 'electron', 'renderer']) mkdirSync(path.join(root, top), { recursive: true });
    put('core/model/a.ts', `import type { X } from '../codec/x.ts';\n`);
    put('core/proxy/b.ts', `export * from '../registry/y.ts';\n`);
    put('core/codec/c.ts', `const z = await import('../stores/z.ts');\n`);
    put('core/engine/d.ts', `import { app } from 'electron';\n`);
    put('core/bridge/e.ts', `import fs from 'node:fs';\n`);
    put('renderer/src/f.tsx', `import {\n  g,\n} from '../../core/engine/g.ts';\n`);
    put('renderer/src/features/a/g.tsx', `import { h } from '../b/h.tsx';\n`);
    put('renderer/src/features/a/own.tsx', `import { g } from './g.tsx';\nimport { p } from '../../parts/p.tsx';\n`);
    put('renderer/src/ui/i.tsx', `import { g } from '../features/a/g.tsx';\n`);
    put('core/engine/fine.ts', `import { a } from '../model/a.ts';\nimport './d.ts';\n`);
    expect(wrongImports(root).map((line) => line.split(':')[0])).toEqual([
      'core/bridge/e.ts',
      'core/codec/c.ts',
      'core/engine/d.ts',
      'core/model/a.ts',
      'core/proxy/b.ts',
      'renderer/src/f.tsx',
      'renderer/src/ui/i.tsx',
      'renderer/src/features/a/g.tsx',
    ]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
