import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { circles, deadExports, sourceGraph } from '../../scripts/source-graph.ts';

/* What `npm run check` says of circles and dead exports, on sources made for it. */

let root = '';
const FILES: Readonly<Record<string, string>> = {
  'core/a.ts':
    "import { b } from './b.ts';\nexport const a = () => b;\nexport const { x, y: [z] } = { x: 1, y: [2] };\n",
  'core/b.ts': "import { c } from './c.ts';\nexport const b = c;\n",
  'core/c.ts': "import { a } from './a.ts';\nexport function c() { return a; }\nexport default c;\n",
  // Types alone load nothing, in either way of writing it.
  'core/d.ts': "import type { E } from './e.ts';\nexport interface D { e: E }\nexport const d = 1;\n",
  'core/e.ts':
    "import { type D, } from './d.ts';\nexport interface E { d: D }\nexport type Unused = 1;\nexport type Shown = 2;\nexport const shown: Shown = 2;\n",
  'core/main.ts':
    "import { z } from './a.ts';\nimport { d } from './d.ts';\nimport def from './c.ts';\nimport { shown } from './e.ts';\nexport { b as again } from './b.ts';\nconsole.log(z, d, def, shown, await import('./lazy.ts'));\n",
  'core/lazy.ts': 'export const taken = 1;\n',
};

beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'sessionscope-graph-'));
  mkdirSync(path.join(root, 'core'));
  for (const [file, text] of Object.entries(FILES)) writeFileSync(path.join(root, file), text);
});
afterAll(() => rmSync(root, { recursive: true }));

it('finds a circle by value through three files, and none by types', () => {
  expect(circles(sourceGraph(root, ['core']))).toEqual([['core/a.ts', 'core/b.ts', 'core/c.ts']]);
});

it('finds exports that nobody takes; a type in the signature of another export is none', () => {
  const dead = deadExports(sourceGraph(root, ['core']), (file) => file === 'core/main.ts');
  expect(dead).toEqual(['core/a.ts: x', 'core/e.ts: Unused']);
});
